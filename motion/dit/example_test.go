package dit_test

import (
	"fmt"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/dit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// A block of a small video transformer lets 2 frames of 2 by 3 patches look at the tokens of a movement of three joints.
func Example() {
	const width, heads, timeWidth = 32, 2, 8
	block, err := dit.NewBlock(dit.Config{Width: width, Heads: heads, TimeWidth: timeWidth}, nn.NewInit(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	rotary, err := dit.NewRotary(dit.Split7B(width/heads), heads, width/heads)
	if err != nil {
		fmt.Println(err)
		return
	}
	pose := dit.Pose(motion.Moments{Mean: []float32{0, 900, 2000, 0, 1500, 2000, 0, 100, 2000}}) // hips, head, foot in mm
	fmt.Printf("the head is %.0f mm from the middle\n", pose[1][1])
	vision, err := dit.VisionLayout(1, 2, 2, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	moving, err := dit.MotionLayout(1, 2, pose)
	if err != nil {
		fmt.Println(err)
		return
	}

	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	places, err := rotary.Begin(tp, vision, moving)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, m, time := tensor.New(vision.Tokens(), width), tensor.New(moving.Tokens(), width), tensor.New(1, timeWidth)
	m.Fill(1) // the code vectors of a tokenizer
	y := block.Apply(tp, tp.Const(h), tp.Const(m), tp.Const(time), places)
	fmt.Println(vision.Tokens(), "vision tokens see", moving.Tokens(), "motion tokens:", y.Shape())

	_, err = dit.NewRotary(dit.Split7B(20), heads, 20)
	fmt.Println(err)
	// Output:
	// the head is 667 mm from the middle
	// 12 vision tokens see 6 motion tokens: [12 32]
	// dit: vision tokens: encodings: axial-rope: Shares gives axis 0 5 channels: want an even number, at least 2
}
