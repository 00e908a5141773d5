package main

import (
	"bytes"
	"fmt"
	"image/gif"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/graft-ml/graft/motion"
	clipfiles "github.com/graft-ml/graft/motion/open"
)

// movementsCommand writes clips of a figure that waves: "movements DIR N FRAMES" makes N files, a.bvh, b.bvh and so on.
func movementsCommand(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	frames, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o777))
	for k := range n {
		c := &motion.Clip{FPS: 30, Skeleton: &motion.Skeleton{Joints: []string{"Hips", "Head", "LeftArm", "LeftHand"}, Parents: []int{-1, 0, 0, 2}}}
		for f := range frames {
			s, cs := math.Sincos(float64(k) + 0.3*float64(f))
			for _, v := range []float64{50 + float64(f), 90, 40, 50 + float64(f), 160, 40, 70 + float64(f), 140 + 5*s, 40, 80 + float64(f) + 5*cs, 150 + 20*s, 40 + 10*cs} {
				c.Positions = append(c.Positions, float32(v))
			}
		}
		ts.Check(clipfiles.Save(filepath.Join(ts.MkAbs(args[0]), string(rune('a'+k))+".bvh"), c))
	}
}

// jointsCommand writes a BVH file whose joints all hang on the root: "joints FILE N".
func jointsCommand(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b bytes.Buffer
	fmt.Fprint(&b, "HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 1 Yposition\n")
	for k := range n - 1 {
		fmt.Fprintf(&b, "JOINT j%d\n{\nOFFSET 0 1 0\nCHANNELS 0\n}\n", k)
	}
	fmt.Fprint(&b, "}\nMOTION\nFrames: 1\nFrame Time: 0.1\n1\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}

// drawingCommand tells how large a GIF or PNG file is, and how many frames a GIF has: "drawing FILE WIDTHxHEIGHT [FRAMES]".
func drawingCommand(ts *testscript.TestScript, _ bool, args []string) {
	data := bytes.NewReader([]byte(ts.ReadFile(args[0])))
	var got []string
	if strings.HasSuffix(args[0], ".png") {
		m, err := png.Decode(data)
		ts.Check(err)
		got = []string{fmt.Sprintf("%dx%d", m.Bounds().Dx(), m.Bounds().Dy())}
	} else {
		m, err := gif.DecodeAll(data)
		ts.Check(err)
		got = []string{fmt.Sprintf("%dx%d", m.Config.Width, m.Config.Height), strconv.Itoa(len(m.Image))}
	}
	if want := args[1:]; strings.Join(got, " ") != strings.Join(want, " ") {
		ts.Fatalf("%s is %v, want %v", args[0], got, want)
	}
}
