package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The files of testdata were written by Python 3 with torch 1.13 and numpy 1.24, in the
// form of the official ones.

// text unpacks a compressed file.
func text(t *testing.T, parts ...string) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(content(t, parts...)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// toyZINC are the splits of a set of seven molecules each: those numbered 4, 0, 2, those
// numbered 1, and those numbered 6, 5.
func toyZINC(t *testing.T) []zincSplit {
	splits := []zincSplit{
		{"train", 7, 3, sha([]byte("4,0,2")), "", 9, 6},
		{"val", 7, 1, sha([]byte("1")), "", 2, 1},
		{"test", 7, 2, sha([]byte("6,5")), "", 13, 11},
	}
	return splits
}

// zincItem is an item with that conversion, in a new folder with its files.
func zincItem(t *testing.T, splits []zincSplit, archive []byte) (Item, string) {
	t.Helper()
	i := zinc()[0]
	i.convert.run = func(c *converter) error { return zincSubset(c, splits) }
	dir := t.TempDir()
	put(t, archive, dir, "zinc12k", "molecules.zip")
	put(t, []byte("4,0,2\r\n"), dir, "zinc12k", "train.index")
	put(t, []byte("1"), dir, "zinc12k", "val.index")
	put(t, []byte("6,5\n"), dir, "zinc12k", "test.index")
	return i, dir
}

func offline() Options { return Options{Offline: true} }

func TestZINC(t *testing.T) {
	type graph struct {
		I int
		X []int
		E [][3]int
		Y float32
	}
	var want map[string][]graph
	if err := json.Unmarshal(content(t, "testdata", "molecules.json"), &want); err != nil {
		t.Fatal(err)
	}
	splits := toyZINC(t)
	item, dir := zincItem(t, splits, content(t, "testdata", "molecules.zip"))
	r := get(t, dir, item, offline())
	if len(r.Files) != 7 || r.Files[4].Name != "train.jsonl.gz" {
		t.Errorf("%+v", r)
	}
	for k, s := range splits {
		all := text(t, dir, "zinc12k", s.name+".jsonl.gz")
		var got []graph
		for line := range strings.Lines(all) {
			var g graph
			if err := json.Unmarshal([]byte(line), &g); err != nil {
				t.Fatal(err)
			}
			got = append(got, g)
		}
		if !reflect.DeepEqual(got, want[s.name]) {
			t.Errorf("%s: %v\nwant %v", s.name, got, want[s.name])
		}
		// With targets of eight digits the text has this hash.
		var rounded strings.Builder
		for line := range strings.Lines(all) {
			head, y, _ := strings.Cut(strings.TrimSpace(line), `"y":`)
			var v float32
			if _, err := fmt.Sscan(strings.TrimSuffix(y, "}"), &v); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&rounded, "%s\"y\":%.8g}\n", head, v)
		}
		splits[k].text = sha([]byte(rounded.String()))
	}
	item, dir = zincItem(t, splits, content(t, "testdata", "molecules.zip"))
	get(t, dir, item, offline())
}

func TestZINCOther(t *testing.T) {
	good := content(t, "testdata", "molecules.zip")
	pickled := func(text string) []byte {
		return zipOf(t, entry{name: "molecules/train.pickle", text: text}, entry{name: "molecules/val.pickle", text: text}, entry{name: "molecules/test.pickle", text: text})
	}
	for _, c := range []struct {
		name    string
		change  func(s []zincSplit)
		archive []byte
		want    string
	}{
		{"another list", func(s []zincSplit) { s[0].index = sha([]byte("4,0,3")) }, good, "train.index, its numbers: its SHA-256 is "},
		{"beyond the set", func(s []zincSplit) { s[0].molecules = 4 }, good, `"4" is no number of a molecule, expected 0..3`},
		{"a shorter list", func(s []zincSplit) { s[0].graphs = 4 }, good, "it lists 3 molecules, expected 4"},
		{"another set", func(s []zincSplit) { s[0].molecules = 8 }, good, "it has 7 molecules, expected 8"},
		{"other atoms", func(s []zincSplit) { s[0].nodes = 10 }, good, "have 9 atoms and 6 bonds, expected 10 and 6"},
		{"other text", func(s []zincSplit) { s[0].text = sha(nil) }, good, "targets of eight digits: its SHA-256 is "},
		{"no pickles", nil, zipOf(t, entry{name: "a"}), "no such member"},
		{"hostile names", nil, zipOf(t, entry{name: "../a"}, entry{name: "molecules/train.pickle"}), "leads out of the folder"},
		{"no archive", nil, []byte("hello"), "no sound zip archive"},
		{"damaged", nil, flipped(bytes.Clone(good), 500), "damaged"},
		{"a call", nil, pickled("cos\nsystem\n(S'ls'\ntR."), `molecules/train.pickle: unpickle: byte 0: class "os.system" is not known`},
		{"no list", nil, pickled("N."), "it has 0 molecules, expected 7"},
		{"no dicts", nil, pickled("(NNNNNNNl."), "train.pickle: molecule 4: it is no dict"},
		{"no tensors", nil, pickled("(}}}}}}}l."), "its atom_type is not a list of num_atom numbers"},
	} {
		splits := toyZINC(t)
		if c.change != nil {
			c.change(splits)
		}
		item, dir := zincItem(t, splits, c.archive)
		err := refused(t, dir, item, offline(), c.want)
		if !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: the error does not say where: %v", c.name, err)
		}
		if got := files(t, dir); strings.Contains(got, "jsonl") {
			t.Errorf("%s: files %s", c.name, got)
		}
	}
	// Cancelled in the middle.
	item, dir := zincItem(t, toyZINC(t), good)
	ctx, cancel := context.WithCancel(context.Background())
	o := offline()
	o.Progress = func(p Progress) {
		if p.Stage == Converting && p.File == "val.pickle" {
			cancel()
		}
	}
	if _, err := (Cache{Dir: dir}).Get(ctx, item, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got := files(t, dir); strings.Contains(got, "jsonl") {
		t.Errorf("files %s", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "zinc12k", ".*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// bytesArray is the pickle of a numpy array of small integers, as opcodes.
func bytesArray(shape string, values ...int8) string {
	raw := make([]byte, len(values))
	for i, v := range values {
		raw[i] = byte(v)
	}
	return "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nNN\x87R(K\x01" + shape + "cnumpy\ndtype\nU\x02i1\x85R\x89U" + string(rune(len(raw))) + string(raw) + "tb"
}

func TestMolecules(t *testing.T) {
	list, square, one := "K\x02\x85", "K\x02K\x02\x86", bytesArray("K\x01\x85", 1)
	atoms, bonds := bytesArray(list, 0, 27), bytesArray(square, 0, 3, 3, 0)
	infinite := "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nNN\x87R(K\x01K\x01\x85cnumpy\ndtype\nU\x02f4\x85R\x89U\x04\x00\x00\x80\x7ftb"
	for _, c := range []struct{ count, atoms, bonds, target, want string }{
		{"K\x02", atoms, bonds, one, ""},
		{"N", atoms, bonds, one, ""},
		{"K\x03", atoms, bonds, one, "not a list of num_atom numbers"},
		{"K\x02", "N", bonds, one, "not a list of num_atom numbers"},
		{"K\x02", bytesArray(list, 0, 28), bonds, one, "atom 1 has a type beyond the vocabulary of 28"},
		{"K\x02", bytesArray(list, -1, 0), bonds, one, "atom 0 has a type beyond"},
		{"K\x02", atoms, bytesArray(list, 0, 0), one, "not a matrix of atoms and atoms"},
		{"K\x02", atoms, bytesArray(square, 0, 4, 4, 0), one, "bond 0-1 is not of the types 0..3"},
		{"K\x02", atoms, bytesArray(square, 0, 1, 2, 0), one, "the same both ways"},
		{"K\x02", atoms, bytesArray(square, 1, 0, 0, 0), one, "bond 0-0"},
		{"K\x02", atoms, bonds, bytesArray(list, 1, 1), "is not one number"},
		{"K\x02", atoms, bonds, infinite, "is not finite"},
	} {
		dict := "}(U\x08num_atom" + c.count + "U\x09atom_type" + c.atoms + "U\x09bond_type" + c.bonds + "U\x18logP_SA_cycle_normalized" + c.target + "u"
		splits := []zincSplit{{"val", 7, 1, sha([]byte("1")), "", 2, 1}}
		item, dir := zincItem(t, splits, zipOf(t, entry{name: "molecules/val.pickle", text: "\x80\x02(" + strings.Repeat(dict, 7) + "l."}))
		if c.want != "" {
			refused(t, dir, item, offline(), "val.pickle: molecule 1: ", c.want)
			continue
		}
		get(t, dir, item, offline())
		if got, want := text(t, dir, "zinc12k", "val.jsonl.gz"), `{"i":1,"x":[0,27],"e":[[0,1,3]],"y":1}`+"\n"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// planetoidItem is the toy of testdata with some files replaced, in a new folder.
func planetoidItem(t *testing.T, o planetoidOutput, replace map[string]string) (Item, string) {
	t.Helper()
	o.name = "toy"
	i := Item{Name: "toy", Folder: "nodes", convert: conversion{"test", o.convert}}
	dir := t.TempDir()
	for _, part := range planetoidParts {
		name := "planetoid/ind.toy." + part
		i.Files = append(i.Files, File{Name: name})
		b := content(t, "testdata", "ind.toy."+part)
		if r, ok := replace[part]; ok {
			b = []byte(r)
		}
		put(t, b, dir, "nodes", name)
	}
	return i, dir
}

func TestPlanetoid(t *testing.T) {
	nodes := "0\t0\ttrain\t0 3\n1\t2\ttrain\t1\n2\t1\tval\t\n3\t0\tval\t2 4\n4\t1\tval\t0\n5\t2\tval\t1 2 3\n6\t2\ttest\t4\n7\t0\ttest\t0 1\n8\t-1\t-\t\n9\t1\ttest\t2\n"
	edges := "0\t1\n0\t2\n3\t9\n4\t5\n"
	item, dir := planetoidItem(t, planetoidOutput{nodes: sha([]byte(nodes)), edges: sha([]byte(edges))}, nil)
	get(t, dir, item, offline())
	if got := text(t, dir, "nodes", "toy.nodes.tsv.gz"); got != nodes {
		t.Errorf("nodes\n%s\nwant\n%s", got, nodes)
	}
	if got := text(t, dir, "nodes", "toy.edges.tsv.gz"); got != edges {
		t.Errorf("edges\n%s\nwant\n%s", got, edges)
	}
	get(t, dir, item, offline())

	item, dir = planetoidItem(t, planetoidOutput{nodes: sha(nil)}, nil)
	refused(t, dir, item, offline(), "toy.nodes.tsv.gz, uncompressed: its SHA-256 is "+sha([]byte(nodes)))
	if got := files(t, dir); strings.Contains(got, "tsv") {
		t.Errorf("files %s", got)
	}
	file := func(part string) string { return string(content(t, "testdata", "ind.toy."+part)) }
	for _, c := range []struct {
		part, text, want string
	}{
		{"test.index", "7\nx\n6\n", `line 2: "x" is no number of a node`},
		{"test.index", "7\n-1\n6\n", "is no number of a node"},
		{"test.index", "7\n9\n", "2 numbers for 3 test rows"},
		{"test.index", "7\n7\n6\n", "node 7 is there already"},
		{"test.index", "7\n5\n6\n", "node 5 is there already"},
		{"test.index", "7\n9\n999999999\n", "is no number of a node"},
		{"test.index", "", "0 numbers for 3 test rows"},
		{"x", "N.", "it is no sparse matrix"},
		{"x", file("tx"), "ind.toy.y: it is no matrix with a row of labels for each of the 3 rows"},
		{"x", "cos\nsystem\n.", `class "os.system" is not known`},
		{"y", "N.", "it is no matrix"},
		{"y", "\x80\x02" + bytesArray("K\x02K\x02\x86", 1, 1, 0, 1) + ".", "row 0 does not have a 1 for one class"},
		{"y", "\x80\x02" + bytesArray("K\x02K\x02\x86", 2, 0, 0, 1) + ".", "row 0 does not have a 1 for one class"},
		{"y", "\x80\x02" + bytesArray("K\x02K\x02\x86", 0, 1, 0, 1) + ".", "row 0 is another than in allx"},
		{"graph", "N.", "it is no dict"},
		{"graph", "}(Nu.", "makes no sense"},
		{"graph", "}I3\nNs.", "it does not list the neighbours"},
		{"graph", "}I10\n(ls.", "it does not list the neighbours of one of 10 nodes"},
		{"graph", "}I3\n(I10\nls.", "node 3: its neighbour 10 is none of 10 nodes"},
	} {
		item, dir := planetoidItem(t, planetoidOutput{}, map[string]string{c.part: c.text})
		refused(t, dir, item, offline(), filepath.Join(dir, "nodes", "planetoid", "ind.toy."), c.want)
	}
}

func TestPeptides(t *testing.T) {
	o := peptidesOutput{source: "split.pickle", name: "split.json.gz", sizes: [3]int{3, 1, 2}}
	item := Item{Name: "toy", Files: []File{{Name: "split.pickle"}}, convert: conversion{"test", o.convert}}
	dir := t.TempDir()
	put(t, content(t, "testdata", "split.pickle"), dir, "toy", "split.pickle")
	get(t, dir, item, offline())
	if got, want := text(t, dir, "toy", "split.json.gz"), `{"train":[3,0,1],"val":[4],"test":[2,5]}`+"\n"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	dict := func(train, val, test string) string {
		return "}(U\x05train" + train + "U\x05valid" + val + "U\x04test" + test + "u."
	}
	numbers := func(text string) string { return "(" + text + "l" }
	train, val, test := numbers("K\x00K\x01K\x02"), numbers("K\x03"), numbers("K\x04K\x05")
	for pickle, want := range map[string]string{
		"N.":                                    "it is no dict",
		"}.":                                    "its part train is not a list of 3 numbers",
		dict(train, val, numbers("K\x04K\x06")): "has the row 6, which is beyond the 6 rows",
		dict(train, val, numbers("K\x04K\x03")): "or in the split already",
		dict(train, numbers("N"), test):         "its part val is not a list of 1 numbers",
		dict(bytesArray("K\x02\x85", 0, 1), "N", test):         "its part train is not a list of 3 numbers",
		dict(bytesArray("K\x03K\x01\x86", 0, 1, 2), val, test): "its part train is not a list of 3 numbers",
		"cos\nsystem\n.": "is not known",
	} {
		put(t, []byte(pickle), dir, "toy", "split.pickle")
		refused(t, dir, item, offline(), want)
	}
	put(t, []byte(dict(train, val, test)), dir, "toy", "split.pickle")
	get(t, dir, item, offline())
}
