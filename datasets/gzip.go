package datasets

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/bounded"
)

// FileError is a data file that cannot be used.
type FileError struct {
	Path   string
	Line   int    // from 1; 0 where the whole file is meant
	Reason string // what is wrong
	Hint   string // what to do; may be empty
	Err    error  // the cause; may be nil
}

// Error gives file, line, reason and hint.
func (e *FileError) Error() string {
	s := "datasets: " + e.Path
	if e.Line > 0 {
		s += fmt.Sprintf(":%d", e.Line)
	}
	s += ": " + e.Reason
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// Limits of a compressed file: it may grow to maxRatio times its size, but a small
// one always to smallFile. Text of graphs grows about tenfold.
const (
	maxRatio  = 100
	smallFile = 1 << 20
)

var errBomb = fmt.Errorf("it unpacks to more than %d times its size", maxRatio)

// openData opens a data file for reading; one called *.gz is unpacked on the way.
// Errors of opening are *FileErrors, those of reading are for [damaged].
func openData(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, &FileError{Path: path, Reason: cause(err), Hint: "check its name and permissions", Err: err}
	}
	in, err := unpacked(path, file)
	if err != nil {
		file.Close() // only read from: closing cannot lose anything
		return nil, err
	}
	return opened{in, file}, nil
}

// opened reads from one end and closes at the other.
type opened struct {
	io.Reader
	io.Closer
}

func unpacked(path string, file *os.File) (io.Reader, error) {
	stat, err := file.Stat()
	if err != nil {
		return nil, &FileError{Path: path, Reason: cause(err), Err: err}
	}
	if !stat.Mode().IsRegular() {
		return nil, &FileError{Path: path, Reason: "it is not a regular file", Hint: "name the folder that holds it"}
	}
	if !strings.HasSuffix(path, ".gz") {
		return file, nil
	}
	unzip, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		return nil, damaged(path, 0, err)
	}
	return bounded.New(unzip, max(smallFile, maxRatio*stat.Size()), errBomb), nil
}

// eachGraph reads a file of graphs, JSON Lines. use sees each graph and its line;
// what it gives as an error ends the reading.
func eachGraph(ctx context.Context, path string, set func(*graphs.Reader), use func(g *graphs.Graph, line int) error) error {
	file, err := openData(path)
	if err != nil {
		return err
	}
	defer file.Close() // only read from: closing cannot lose anything
	r := graphs.NewReader(file)
	r.Name = path
	set(r)
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		g, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return damaged(path, r.Line(), err)
		}
		if err := use(g, r.Line()); err != nil {
			return err
		}
	}
}

// notPublished is an error about a file whose contents are not what was published.
func notPublished(path string, line int, format string, args ...any) error {
	return &FileError{Path: path, Line: line, Reason: fmt.Sprintf(format, args...), Hint: "this is not the published data: get the file again"}
}

// readGraphs reads a file of graphs as a whole. check, which sees each graph, and
// the settings of the reader decide what is acceptable.
func readGraphs(ctx context.Context, path string, set func(*graphs.Reader), check func(*graphs.Graph) string) ([]*graphs.Graph, error) {
	var all []*graphs.Graph
	err := eachGraph(ctx, path, set, func(g *graphs.Graph, line int) error {
		if reason := check(g); reason != "" {
			return notPublished(path, line, "%s", reason)
		}
		all = append(all, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// damaged tells what kind of damage an error stands for.
func damaged(path string, line int, err error) error {
	e := &FileError{Path: path, Line: line, Reason: err.Error(), Err: err}
	var parse *graphs.ParseError
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
		e.Reason, e.Hint = "the compressed data ends too early", "the file is cut off: copy it again"
	case errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrFormat):
		e.Reason, e.Hint = "it is not sound zip data", "the archive is damaged: copy it again"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		e.Reason, e.Hint = "it is not sound gzip data", "the file is damaged: copy it again"
	case errors.Is(err, errBomb):
		e.Reason, e.Hint = errBomb.Error(), "this is not the published data: get the file again"
	case errors.As(err, &parse):
		// Path and line stand in front already.
		e.Reason = strings.TrimPrefix(parse.Err.Error(), "graphs: ")
		if parse.Column > 0 {
			e.Reason = fmt.Sprintf("column %d: %s", parse.Column, e.Reason)
		}
	}
	return e
}

// cause is the reason of an error of package os without operation and path.
func cause(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
