package tokenizer_test

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// A hand waves beside a body that stands still. A small tokenizer learns it, and makes 25 frames into 7 steps of 2 codes.
func Example() {
	clip := &motion.Clip{Name: "wave", FPS: 30, Unit: 1, Skeleton: &motion.Skeleton{Joints: []string{"hips", "hand"}, Parents: []int{-1, 0}}}
	for f := range 25 {
		clip.Positions = append(clip.Positions, 0, 1, 0, 0.6, float32(1.5+0.3*math.Sin(float64(f)/4)), 0)
	}
	model, err := tokenizer.New(tokenizer.Config{Joints: 2, Widths: [2]int{8, 16}, Groups: 4, CodeWidth: 8, Codes: 16}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	clips := []*motion.Clip{clip}
	if err := model.SetMoments(tokenizer.MomentsOf(clips, model.Config.Reference, 25)); err != nil {
		fmt.Println(err)
		return
	}
	data, err := tokenizer.NewData(model, clips, tokenizer.DataOptions{Frames: 25})
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := data.Prepare([]int{0})
	if err != nil {
		fmt.Println(err)
		return
	}

	adam := optim.NewAdamW(nn.Collect(model).Trainable(), optim.AdamWOptions{})
	tp := tensor.NewTape()
	for step := range 60 {
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1, Step: uint64(step)})
		tp.Backward(nn.L1{}.Loss(tp, model.Forward(tp, batch), batch.Targets()))
		adam.Step(tp.Grad, 5e-3, 1)
	}

	tokens, err := model.Encode(clip)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := model.Decode(tokens)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(clip.Frames(), "frames are", tokens.Steps(), "steps of", tokens.Joints, "codes")
	fmt.Println("the hand comes back to a tenth of its way:", motion.JointErrors(clip, again)[1] < 0.06)

	_, err = model.Encode(clip.Select([]int{0}))
	fmt.Println(err)
	// Output:
	// 25 frames are 7 steps of 2 codes
	// the hand comes back to a tenth of its way: true
	// motion: clip "wave": it has 1 joints, and the model 2; select the joints that the model was made for
}
