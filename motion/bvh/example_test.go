package bvh_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/bvh"
)

// An arm of two bones of length 10 is raised at the shoulder.
const arm = `HIERARCHY
ROOT Shoulder
{
	OFFSET 0 0 0
	CHANNELS 3 Zrotation Xrotation Yrotation
	JOINT Elbow
	{
		OFFSET 10 0 0
		CHANNELS 3 Zrotation Xrotation Yrotation
		End Site
		{
			OFFSET 10 0 0
		}
	}
}
MOTION
Frames: 2
Frame Time: 0.0333333
0 0 0  0 0 0
90 0 0  0 0 -90
`

func Example() {
	r, err := bvh.Read("arm.bvh", strings.NewReader(arm))
	if err != nil {
		fmt.Println(err)
		return
	}
	clip, err := r.Clip(bvh.ClipOptions{EndSites: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(clip.Skeleton.Joints, clip.FPS)
	for f := range clip.Frames() {
		fmt.Printf("elbow %.0f, hand %.0f\n", clip.At(f, 1), clip.At(f, 2))
	}
	_, err = bvh.Read("arm.bvh", strings.NewReader(strings.Replace(arm, "Frames: 2", "Frames: 3", 1)))
	fmt.Println(err)
	// Output:
	// [Shoulder Elbow Elbow_End] 30
	// elbow [10 0 0], hand [20 0 0]
	// elbow [0 10 0], hand [0 10 10]
	// motion: arm.bvh:17: Frames: 3 of 6 channels want 18 numbers, the file has 12 (2 frames); was it cut off?
}

// A clip of positions alone becomes a file that any program opens.
func ExampleFromClip() {
	clip := &motion.Clip{
		FPS:       25,
		Skeleton:  &motion.Skeleton{Joints: []string{"hips", "head"}, Parents: []int{-1, 0}},
		Positions: []float32{0, 1, 0, 0, 1.7, 0},
	}
	r, err := bvh.FromClip(clip)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := bvh.Write(os.Stdout, r); err != nil {
		fmt.Println(err)
	}
	// Output:
	// HIERARCHY
	// ROOT hips
	// {
	// 	OFFSET 0 1 0
	// 	CHANNELS 3 Xposition Yposition Zposition
	// 	JOINT head
	// 	{
	// 		OFFSET 0 0.7000000476837158 0
	// 		CHANNELS 3 Xposition Yposition Zposition
	// 		End Site
	// 		{
	// 			OFFSET 0 0 0
	// 		}
	// 	}
	// }
	// MOTION
	// Frames: 1
	// Frame Time: 0.04
	// 0 1 0 0 0.7000000476837158 0
}
