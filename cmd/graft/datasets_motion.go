package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/clips"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/render"
	"github.com/graft-ml/graft/report"
)

// listMotionSets lists the sets of clips of movement.
func (p *program) listMotionSets(format report.Format) error {
	t := report.Table{Columns: []report.Column{
		{Key: "name"}, {Key: "train", Right: true}, {Key: "val", Right: true}, {Key: "test", Right: true}, {Key: "frames", Right: true}, {Key: "joints", Right: true},
		{Key: "fps", Heading: "frames a second", Right: true}, {Key: "protocols", Heading: "splits, default first", Wrap: 24}, {Key: "title", Heading: "about", Wrap: 50},
	}}
	for _, info := range clips.List() {
		t.Add(info.Name, info.Train, info.Val, info.Test, report.Cell{Text: report.Count(info.Frames), Value: info.Frames}, info.Joints, known(info.FPS), protocolNames(info.Protocols), info.Title)
	}
	return t.Write(p.out, format)
}

// motionSetInfo prints what is known of a set.
func (p *program) motionSetInfo(info clips.Info, format report.Format) error {
	var files []string
	for _, f := range info.Files {
		files = append(files, fmt.Sprintf("%s (%s)", f.Name, report.Bytes(f.Size)))
	}
	rows := []property{
		{"name", "name", info.Name}, {"title", "about", info.Title},
		{"train", "training clips", info.Train}, {"val", "validation clips", info.Val}, {"test", "test clips", info.Test},
		{"frames", "frames", info.Frames}, {"joints", "joints", info.Joints}, {"fps", "frames a second", info.FPS}, {"unit", "unit of length, metres", info.Unit},
		{"splitRule", "split", info.SplitRule}, {"protocols", "split rules, default first", protocolNames(info.Protocols)},
		{"folder", "folder of the files", info.Folder}, {"files", "files", files}, {"licence", "licence", info.Licence}, {"origin", "origin", info.Origin}, {"notes", "notes", info.Notes},
	}
	return p.printKnown(info.Name, rows, property{"published", "", []string(nil)}, &report.Table{}, format)
}

// showClip shows a clip of a set.
func showClip(c *cli.Context, info clips.Info, split datasets.Split) (*shown, error) {
	protocol, err := clips.ParseProtocol(c.String("protocol"))
	if err == nil {
		protocol, err = info.Protocol(protocol)
	}
	if err != nil {
		return nil, misuse("--protocol: %s", message(err))
	}
	set, closer, err := clips.Load(info.Name, c.String("data"), clips.Options{})
	if err != nil {
		return nil, err
	}
	defer closer.Close() // only read from: closing cannot lose anything
	parts := set.Parts(protocol, clips.SplitOptions{})
	lists := [3][]int{parts.Train, parts.Val, parts.Test}
	index, err := chosenItem(c, info.Name, "clips", split, [3]int{len(lists[0]), len(lists[1]), len(lists[2])})
	if err != nil {
		return nil, err
	}
	item := set.Items[lists[split][index]]
	clip, err := set.Load(lists[split][index])
	if err != nil {
		return nil, err
	}
	s := &shown{title: fmt.Sprintf("%s, %s clip %d", info.Name, split, index), clip: clip}
	s.rows = []property{{"dataset", "data set", info.Name}, {"split", "split", split.String()}, {"index", "index", index}, {"file", "file", item.Path},
		{"content", "content", item.Content}, {"style", "style", item.Style}, {"frames", "frames", clip.Frames()}, {"fps", "frames a second", clip.FPS},
		{"joints", "joints", clip.Joints()}, {"unit", "unit of length, metres", clip.Unit}}
	return s, nil
}

// stripFrames is how many frames of a clip are drawn beside each other.
const stripFrames = 6

// writeClipStrip draws some frames of a clip.
func writeClipStrip(path string, clip *motion.Clip) error {
	scene, err := render.One(clip, render.Options{Title: clip.Name})
	if err != nil {
		return err
	}
	return writeFile(path, func(out io.Writer) error { return scene.WriteStrip(out, stripFrames) })
}
