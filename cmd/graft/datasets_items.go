package main

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/vision/images"
)

// showImage shows an image of a set.
func showImage(c *cli.Context, info imagesets.Info, split datasets.Split) (*shown, error) {
	protocol, err := imagesets.ParseProtocol(c.String("protocol"))
	if err != nil {
		return nil, misuse("--protocol: %s", message(err))
	}
	set, err := imagesets.Load(c.Context, info.Name, imagesets.Options{Dir: c.String("data"), Protocol: protocol})
	if err != nil {
		return nil, err
	}
	defer set.Close() // only read from: closing cannot lose anything
	index, err := chosenItem(c, info.Name, "images", split, [3]int{set.Train.Len(), set.Val.Len(), set.Test.Len()})
	if err != nil {
		return nil, err
	}
	m, err := set.Split(split).Image(index)
	if err != nil {
		return nil, err
	}
	s := &shown{title: fmt.Sprintf("%s, %s image %d", info.Name, split, index), picture: m}
	s.rows = []property{{"dataset", "data set", info.Name}, {"split", "split", split.String()}, {"index", "index", index},
		{"class", "class", set.Info.Classes[set.Split(split).Label(index)]},
		{"size", "height x width x channels", fmt.Sprintf("%d x %d x %d", m.Height, m.Width, m.Channels)}}
	return s, nil
}

// writeEnlarged writes a picture, small ones large enough to be seen.
func writeEnlarged(path string, m *images.Image) error {
	by := max(mapSide/max(m.Height, m.Width), 1)
	var b bytes.Buffer
	if err := png.Encode(&b, m.Resize(by*m.Height, by*m.Width, images.Nearest).Standard()); err != nil {
		return err
	}
	return report.WritePicture(path, b.Bytes())
}

// mostShown is how many rows of a table are printed.
const mostShown = 20

// showQuestion shows a question of a set with its table.
func showQuestion(c *cli.Context, info tableqa.Info, split datasets.Split) (*shown, error) {
	if c.IsSet("plot") {
		return nil, misuse("graft datasets show: --plot: questions about tables are printed, not drawn: leave it out")
	}
	protocol, err := tableqa.ParseProtocol(c.String("protocol"))
	if err != nil {
		return nil, misuse("--protocol: %s", message(err))
	}
	set, err := tableqa.Load(c.Context, info.Name, tableqa.Options{Dir: c.String("data"), Protocol: protocol})
	if err != nil {
		return nil, err
	}
	index, err := chosenItem(c, info.Name, "questions", split, [3]int{set.Train.Len(), set.Val.Len(), set.Test.Len()})
	if err != nil {
		return nil, err
	}
	q := set.Split(split).At(index)
	s := &shown{title: fmt.Sprintf("%s, %s question %d", info.Name, split, index), table: q.Table.Head(mostShown)}
	s.rows = []property{{"dataset", "data set", info.Name}, {"split", "split", split.String()}, {"index", "index", index}, {"id", "id", q.ID},
		{"question", "question", q.Text}, {"answer", "answer", strings.Join(q.Answers, "; ")}, {"table", "table", q.Table.Name},
		{"title", "title of the table", q.Table.Title}, {"columns", "columns", q.Table.Columns()}, {"rows", "rows", len(q.Table.Rows)},
		{"notes", "notes", strings.Join(s.table.Notes, "; ")}}
	return s, nil
}
