package reconstruction_test

import (
	"context"
	"fmt"
	"math"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/reconstruction"
	"github.com/graft-ml/graft/motion/tokenizer"
)

// A tokenizer learns to wave in one way, and is asked how waving in another comes back.
func Example() {
	wave := func(name string, frames int, faster float64) *motion.Clip {
		c := &motion.Clip{Name: name, Unit: 1, Skeleton: &motion.Skeleton{Joints: []string{"hips", "hand"}, Parents: []int{-1, 0}}}
		for f := range frames {
			c.Positions = append(c.Positions, 0, 1, 0, 0.6, float32(1.5+0.3*math.Sin(faster*float64(f)/4)), 0)
		}
		return c
	}
	e := reconstruction.Experiment{
		Config: tokenizer.Config{Joints: 2, Widths: [2]int{8, 16}, Groups: 4, CodeWidth: 8, Codes: 16, Reset: tokenizer.ResetLasting},
		Seed:   1,
		Train:  []*motion.Clip{wave("slow", 60, 1)},
		Held:   []*motion.Clip{wave("fast", 25, 2)},
		Data:   tokenizer.DataOptions{Frames: 17, Stride: 4},
	}
	o := e.Options(30)
	o.LR = 5e-3
	_, report, err := e.Fit(context.Background(), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range report.Rows {
		fmt.Println(row.Clip, "below 60 mm:", row.MPJPE < 60)
	}
	fmt.Printf("one frame of four, held: %.0f and %.0f mm\n", report.Rows[0].Held, report.Rows[1].Held)
	// Output:
	// slow below 60 mm: true
	// fast below 60 mm: true
	// one frame of four, held: 35 and 64 mm
}
