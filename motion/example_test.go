package motion_test

import (
	"fmt"
	"os"

	"github.com/graft-ml/graft/motion"
)

// A figure that stands at x = 5 and faces along x is moved and turned to a place and
// direction that all clips share.
func Example() {
	clip := &motion.Clip{
		Name: "stand",
		FPS:  60,
		Skeleton: &motion.Skeleton{
			Joints:  []string{"hips", "head", "l_hip", "r_hip"},
			Parents: []int{-1, 0, 0, 0},
		},
		Positions: []float32{ // [2, 4, 3]
			5, 1, 0, 5, 1.6, 0, 5, 1, -0.1, 5, 1, 0.1,
			5, 1, 0, 5, 1.6, 0, 5, 1, -0.1, 5, 1, 0.1,
		},
	}
	same, err := motion.Preparation{FPS: 30, Face: true, Centre: motion.CentreFirst}.Apply(clip)
	if err != nil {
		fmt.Println(err)
		return
	}
	marks := same.Skeleton.Landmarks()
	fmt.Println(same.Frames(), "frame at", same.FPS, "frames a second")
	fmt.Printf("left hip at x = %.1f, head %.1f\n", same.At(0, marks.LeftHip)[0], same.At(0, marks.Head))

	_, err = motion.Preparation{Scale: true}.Apply(clip)
	fmt.Println(err)
	// Output:
	// 1 frame at 30 frames a second
	// left hip at x = 0.1, head [0.0 1.6 0.0]
	// motion: clip "stand": no joint is called foot or ankle, and without it the height is not known; give the Landmarks, or do not scale
}

// Angles of a file, in its order, become a form that does not jump.
func ExampleRotation() {
	order := [3]motion.Axis{motion.Z, motion.X, motion.Y}
	r := motion.FromEuler(order, [3]float64{90, 0, 0})
	fmt.Printf("%.2f\n", r.SixD())
	fmt.Printf("%.2f\n", r.Quaternion())
	fmt.Printf("%.0f\n", r.Euler(order))
	// Output:
	// [0.00 1.00 0.00 -1.00 0.00 0.00]
	// {0.71 0.00 0.00 0.71}
	// [90 0 0]
}

// A clip as a table.
func ExampleWriteCSV() {
	clip := &motion.Clip{
		FPS:       30,
		Skeleton:  &motion.Skeleton{Joints: []string{"hips", "head"}, Parents: []int{-1, 0}},
		Positions: []float32{0, 1, 0, 0, 1.7, 0},
	}
	if err := motion.WriteCSV(os.Stdout, clip); err != nil {
		fmt.Println(err)
	}
	// Output:
	// # {"fps":30,"axes":"y-up","parents":[-1,0]}
	// frame,hips.x,hips.y,hips.z,head.x,head.y,head.z
	// 0,0,1,0,0,1.7,0
}
