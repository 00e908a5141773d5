package main

import (
	"fmt"

	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/report"
)

// listImageSets lists the sets of images.
func (p *program) listImageSets(format report.Format) error {
	t := report.Table{Columns: []report.Column{
		{Key: "name"}, {Key: "train", Right: true}, {Key: "val", Right: true}, {Key: "test", Right: true}, {Key: "size"}, {Key: "classes", Right: true},
		{Key: "metric"}, {Key: "protocols", Heading: "splits, default first", Wrap: 24}, {Key: "title", Heading: "about", Wrap: 50},
	}}
	count := func(n int) report.Cell { return report.Cell{Text: report.Count(n), Value: n} }
	for _, info := range imagesets.List() {
		t.Add(info.Name, count(info.Train), count(info.Val), count(info.Test), imageSize(info), len(info.Classes), info.Metric, protocolNames(info.Protocols), info.Title)
	}
	return t.Write(p.out, format)
}

// imageSize is the size of the images of a set.
func imageSize(info imagesets.Info) string {
	return fmt.Sprintf("%d x %d x %d", info.Height, info.Width, info.Channels)
}

// imageSetInfo prints what is known of a set, and what others measured on it.
func (p *program) imageSetInfo(info imagesets.Info, format report.Format) error {
	var files []string
	for _, f := range info.Files {
		files = append(files, fmt.Sprintf("%s (%s)", f.Name, report.Bytes(f.Size)))
	}
	rows := []property{
		{"name", "name", info.Name}, {"title", "about", info.Title},
		{"train", "training images", info.Train}, {"val", "validation images", info.Val}, {"test", "test images", info.Test},
		{"size", "height x width x channels", imageSize(info)}, {"classes", "classes", info.Classes},
		{"mean", "mean of the channels", decimals(info.Mean)}, {"std", "deviation of the channels", decimals(info.Std)},
		{"metric", "metric", info.Metric}, {"splitRule", "split", info.SplitRule}, {"protocols", "split rules, default first", protocolNames(info.Protocols)},
		{"folder", "folder of the files", info.Folder}, {"files", "files", files}, {"fetched", "fetched by graft datasets get", info.Fetched()}, {"licence", "licence", info.Licence}, {"origin", "origin", info.Origin}, {"notes", "notes", info.Notes},
	}
	published := report.Table{Columns: []report.Column{{Key: "model"}, {Key: "value", Heading: "per cent", Right: true}, {Key: "source", Wrap: 50}}}
	for _, f := range info.Published {
		published.Add(f.Model, f.Value, f.Source)
	}
	return p.printKnown(info.Name, rows, property{"published", "", info.Published}, &published, format)
}

// decimals are numbers with four decimals.
func decimals(numbers []float64) []string {
	var list []string
	for _, v := range numbers {
		list = append(list, fmt.Sprintf("%.4f", v))
	}
	return list
}
