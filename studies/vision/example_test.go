package vision_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/studies/vision"
	model "github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// stripes are gray images of lying and of standing stripes, grained: what is regular has no strongest phase.
func stripes(n, size int) imagesets.Source {
	list, labels := make(images.Slice, n), make([]int, n)
	for k := range list {
		list[k], labels[k] = images.New(size, size, 1), k%2
		for i := range list[k].Bytes {
			at := [2]int{i / size, i % size}[k%2] + k/2
			list[k].Bytes[i] = uint8(120*(at/2%2) + (i*i*7+k*29)%131)
		}
	}
	return imagesets.Labelled(list, labels)
}

// A study that is far too short to compare anything: three ways, on images of stripes.
func ExampleStudy() {
	set := &imagesets.Set{
		Info:  imagesets.Info{Name: "stripes", Classes: []string{"lying", "standing"}, Height: 8, Width: 8, Channels: 1},
		Train: stripes(32, 8), Test: stripes(10, 8),
	}
	study := vision.Study{
		Set: set, Resolutions: []int{12}, Shifts: 8, Steps: 5, BatchSize: 8, LR: 1e-2, Augmentation: &images.Augmentation{},
		Model: model.Config{Layers: 1, Width: 16, Heads: 2},
	}
	for _, name := range []string{"learned", "axial-rope", "polyphase"} {
		s, err := vision.SubjectByName(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		study.Subjects = append(study.Subjects, s)
	}
	cells, err := study.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range vision.Rows(cells) {
		fmt.Printf("%s: %d parameters, tested at %v, shifts keep the class: %v\n", r.Encoding, r.Parameters, r.Resolutions, r.Kept.Mean == 1)
	}
	// Output:
	// learned: 3682 parameters, tested at [8 12], shifts keep the class: false
	// axial-rope: 3618 parameters, tested at [8 12], shifts keep the class: false
	// polyphase: 3678 parameters, tested at [8 12], shifts keep the class: true
}
