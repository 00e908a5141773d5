package datasets

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// The parsers of outside data are held to: no panic, errors of the house only,
// and graphs that are valid.

// typed fails unless err is a *FileError with a reason.
func typed(t *testing.T, err error) {
	t.Helper()
	var file *FileError
	if !errors.As(err, &file) || file.Reason == "" || file.Path == "" {
		t.Fatalf("error %v is not one about a file", err)
	}
}

// allValid checks every graph of a source.
func allValid(t *testing.T, s Source) {
	t.Helper()
	for i := range s.Len() {
		if err := graphAt(t, s, i).Validate(); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzTU(f *testing.F) {
	add := func(parts map[string]string) {
		f.Add(parts["A"], parts["graph_indicator"], parts["graph_labels"], parts["node_labels"], parts["node_attributes"], parts["edge_labels"], uint8(0))
	}
	add(small())
	f.Add("1,1\n1,2\n2,1\n2,1\n", "1\n1\n", "0.5 1\n", "", "", "", uint8(63))
	f.Add("1;2\n", "1\n\xff", "NaN\n", "9999999999", "1e999\n", "-1,2,3\n", uint8(7))
	f.Add("", "", "", "", "", "", uint8(0))
	f.Add("2,1\n1,2", "1\r\n1\r\n", "\xef\xbb\xbf-5", ",,,\n", "0x1p-2,inf\n", "1 2\n2 1\n", uint8(15))
	f.Fuzz(func(t *testing.T, edges, indicator, classes, labels, attributes, edgeLabels string, bits uint8) {
		parts := map[string]string{"A": edges, "graph_indicator": indicator, "graph_labels": classes}
		if bits&16 != 0 {
			parts["graph_attributes"] = classes
			delete(parts, "graph_labels")
		}
		for part, text := range map[string]string{"node_labels": labels, "node_attributes": attributes, "edge_labels": edgeLabels} {
			if text != "" {
				parts[part] = text
			}
		}
		if bits&32 != 0 {
			parts["edge_attributes"] = edgeLabels
		}
		tu, err := readTUOf(parts, TUOptions{MergeEdges: bits&1 != 0, DropSelfLoops: bits&2 != 0, Directed: bits&4 != 0, DegreeTypes: bits&8 != 0})
		if err != nil {
			typed(t, err)
			return
		}
		allValid(t, tu)
		set, err := tu.Folds(3, 1)
		if err != nil {
			t.Fatal(err)
		}
		if set.Train.Len()+set.Val.Len()+set.Test.Len() != tu.Len() {
			t.Fatal("a fold lost graphs")
		}
		measured(t, set)
	})
}

func FuzzTUZip(f *testing.F) {
	var good bytes.Buffer
	w := zip.NewWriter(&good)
	for part, text := range small() {
		m, err := w.Create("S_" + part + ".txt")
		if err != nil {
			f.Fatal(err)
		}
		if _, err := io.WriteString(m, text); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Bytes())
	f.Add(good.Bytes()[:good.Len()/2])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, data []byte) {
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		files, err := tuMembers("f.zip", archive.File)
		if err != nil {
			typed(t, err)
			return
		}
		tu, err := readTU(context.Background(), "f.zip", files, TUOptions{MergeEdges: true, DropSelfLoops: true, Directed: true})
		if err != nil {
			typed(t, err)
			return
		}
		allValid(t, tu)
	})
}

func FuzzMolecules(f *testing.F) {
	f.Add([]byte(`{"i":0,"x":[0,1],"e":[[1,0,1]],"y":-0.5}`), []byte(smallVocabulary))
	f.Add([]byte(`{"i":0,"x":[0],"e":[],"y":[1,0]}`), []byte(smallVocabulary))
	f.Add([]byte(`{"i":2147483648,"x":[0,0,0],"directed":true,"e":[[0,1,0],[1,2,0]],"y":null}`), []byte(`{"atoms":[[1]],"bonds":null}`))
	f.Add([]byte(`{"n":3,"e":[[0,1],[1,1]]}`), []byte("{"))
	f.Fuzz(func(t *testing.T, jsonl, vocab []byte) {
		v := new(vocabulary)
		if err := parseJSON(vocab, v); err != nil {
			return
		}
		if v.check() != "" {
			return
		}
		r := graphs.NewReader(bytes.NewReader(jsonl))
		r.NodeVocabulary, r.EdgeVocabulary = []int{len(v.Atoms)}, []int{len(v.Bonds)}
		p := &packed{nodes: v.Atoms, bonds: v.Bonds}
		for {
			g, err := r.Read()
			if err != nil {
				break
			}
			if packable(g) == "" {
				p.add(g, uint64(p.Len()))
			}
		}
		allValid(t, p)
	})
}

func FuzzGraph6(f *testing.F) {
	for _, seed := range []string{"A_\nA?\n", ">>graph6<<@", "~?@O" + strings.Repeat("?", 500), "~~~~~~~~", "~~??????", "?", "C~\n\n\r\nD??\n", "A`", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewGraph6Reader("f", bytes.NewReader(data))
		r.MaxNodes = 300
		for range 100 {
			g, err := r.Read()
			if err == io.EOF {
				return
			}
			if err != nil {
				typed(t, err)
				continue
			}
			if err := g.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzBREC(f *testing.F) {
	for _, seed := range []string{"0\tBasic\tA_\tA?\n1\tCFI\tA?\tA_\n", "0\t\t\t\n", "0\tBasic\t~~~~~~~~\tA?\n", "1\tBasic\tA_\tA?\n", "0 Basic A_ A?\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := parseBREC(context.Background(), newLines("f", bytes.NewReader(data)))
		if err != nil {
			typed(t, err)
			return
		}
		s := new(graph6Source)
		for _, r := range rows {
			s.texts = append(s.texts, r.a, r.b)
		}
		allValid(t, s)
	})
}

func FuzzTaggedGraphs(f *testing.F) {
	for _, seed := range []string{"2\n3 1\n0 1 2\n1 0\n0 1 0\n1 0\n1 0\n", "1000000\n1 0\n", "1\n99999 0\n", "1\n2 0\n0 1 1\n0 0\n", "-1", "1\n1 0\n0 0\nx"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := readTaggedGraphs(context.Background(), newLines("f", bytes.NewReader(data)), 2, 2)
		if err != nil {
			typed(t, err)
			return
		}
		allValid(t, p)
	})
}

func FuzzPlanetoid(f *testing.F) {
	f.Add(threePapers, "0\t2\n1\t2\n")
	f.Add("0\t-1\t-\t\n", "0\t0\n")
	f.Add("0\t1\tval\t1,2 3\n", "0\t1\t\n")
	f.Add("\xef\xbb\xbf0\t0\ttest\t99999999999\n", "")
	f.Fuzz(func(t *testing.T, nodes, edges string) {
		r, err := planetoidOf(nodes, edges)
		if err != nil {
			typed(t, err)
			return
		}
		for split := Train; split <= Test; split++ {
			g := r.g
			g.NodeLabels, _ = r.labelsOf(split)
			if err := g.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzTable(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\xef\xbb\xbfa,b\r\n\"x\ny\",2\r\n", "a;b\n", "a,b\n\"", "b\n\xff\n", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := parseTable(context.Background(), "f", bytes.NewReader(data), []string{"b"}, func(int, []string) error { return nil })
		if err != nil {
			typed(t, err)
		}
	})
}

func FuzzSplits(f *testing.F) {
	for _, seed := range []string{`{"train":[0,1],"val":[2],"test":[]}`, `{"train":[[0],[1]],"val":[[1],[0]],"test":[[],[2]]}`, `[{"test":[1]}]`, `{"n":34,"edges":[[0,1,4]],"club":[0]}`, "null"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var one split3
		if parseJSON(data, &one) == nil {
			one.check(3, true, nil)
		}
		var club karateFile
		if parseJSON(data, &club) == nil {
			club.graphs()
		}
	})
}
