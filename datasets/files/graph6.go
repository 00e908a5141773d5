package files

import (
	"errors"
	"io"

	"github.com/graft-ml/graft/datasets"
)

// graph6Lines reads graphs without features, whose ids are their lines.
type graph6Lines struct {
	in   *datasets.Graph6Reader
	file string
	h    headers
}

var _ draftReader = (*graph6Lines)(nil)

func newGraph6Lines(file string, in io.Reader, o *Options) *graph6Lines {
	r := datasets.NewGraph6Reader(file, in)
	r.MaxNodes = o.MaxNodes
	return &graph6Lines{in: r, file: file}
}

func (l *graph6Lines) headers() *headers { return &l.h }

func (l *graph6Lines) next() (*draft, error) {
	g, err := l.in.Read()
	if err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		var bad *datasets.FileError
		if !errors.As(err, &bad) {
			return nil, unreadable(l.file, l.in.Line(), err)
		}
		if bad.Err != nil { // of reading: the next line would be no better
			return nil, unreadable(l.file, bad.Line, bad.Err)
		}
		return nil, &RowError{File: l.file, Line: bad.Line, Reason: bad.Reason, Hint: bad.Hint, Err: err}
	}
	d := &draft{file: l.file, edgeFile: l.file, id: g.ID, line: l.in.Line(), nodes: g.Nodes}
	for k, e := range g.Edges {
		if k%2 == 0 { // both directions stand side by side
			d.edges = append(d.edges, edge{from: int32(e.From), to: int32(e.To), weight: 1, line: d.line})
		}
	}
	return d, nil
}
