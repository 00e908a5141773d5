package open_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/open"
)

func Example() {
	dir, err := os.MkdirTemp("", "clips")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	clip := &motion.Clip{
		FPS:       30,
		Skeleton:  &motion.Skeleton{Joints: []string{"hips", "head"}, Parents: []int{-1, 0}},
		Positions: []float32{0, 1, 0, 0, 1.7, 0},
	}
	path := filepath.Join(dir, "nod.bvh")
	if err := open.Save(path, clip); err != nil {
		fmt.Println(err)
		return
	}
	back, err := open.Clip(path, open.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(back.Name, back.Skeleton.Joints, back.At(0, 1))
	// Output:
	// nod [hips head] [0 1.7 0]
}
