package clips_test

import (
	"fmt"
	"testing/fstest"

	"github.com/graft-ml/graft/datasets/clips"
)

func Example() {
	// Any file system will do; Open gives that of a folder or zip archive.
	files := fstest.MapFS{
		"walk/1.csv": {Data: []byte("head.x,head.y,head.z\n0,1.6,0\n0,1.6,0.1\n")},
		"walk/2.csv": {Data: []byte("head.x,head.y,head.z\n0,1.5,0\n")},
		"fall/1.csv": {Data: []byte("head.x,head.y,head.z\n0,1.6,0\n0,x,0\n")},
	}
	set, err := clips.Folder("mine", files, clips.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Contents())
	for i, item := range set.Items {
		clip, err := set.Load(i)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(item.Content, clip.Name, clip.Frames())
	}
	// Output:
	// [fall walk]
	// motion: fall/1.csv:3: frame 1, joint "head": y is "x", expected a finite number
	// walk 1 2
	// walk 2 1
}
