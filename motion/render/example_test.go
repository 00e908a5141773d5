package render_test

import (
	"bytes"
	"fmt"
	"image/gif"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/render"
)

func Example() {
	clip := &motion.Clip{
		FPS: 10,
		Skeleton: &motion.Skeleton{
			Joints:  []string{"hips", "head", "l_foot", "r_foot"},
			Parents: []int{-1, 0, 0, 0},
		},
	}
	for f := range 20 { // it sinks to its knees, more or less
		low := float32(f) / 40
		clip.Positions = append(clip.Positions, 0, 0.9-low, 0, 0, 1.6-low, 0, 0.3, 0, 0, -0.3, 0, 0)
	}
	s, err := render.One(clip, render.Options{Height: 120, Width: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := s.WriteGIF(&file); err != nil {
		fmt.Println(err)
		return
	}
	g, err := gif.DecodeAll(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(g.Image), "pictures of", g.Config.Width, "by", g.Config.Height, "pixels")
	// Output:
	// 20 pictures of 100 by 120 pixels
}
