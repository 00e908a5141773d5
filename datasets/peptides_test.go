package datasets

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// peptidesNamed gives one of the sets as it would be with three peptides.
func peptidesNamed(t *testing.T, name string) peptideSet {
	t.Helper()
	for _, p := range []peptideSet{functionOfPeptides(), structureOfPeptides()} {
		if p.info.Name == name {
			p.info.Train, p.info.Val, p.info.Test = 1, 1, 1
			return p
		}
	}
	t.Fatalf("no set %s", name)
	return peptideSet{}
}

// properties is a table of peptides-struct whose eleven columns all have the same
// values, behind columns that are not read.
func properties(values ...string) string {
	text := ",peptide_seq,smiles," + strings.Join(peptideProperties, ",") + "\n"
	for i, v := range values {
		text += "7,\"A,B\n\"," + strings.Repeat("C", i+1) + strings.Repeat(","+v, len(peptideProperties)) + "\n"
	}
	return text
}

const threePeptides = `{"train":[2],"val":[0],"test":[1]}`

func TestPeptidesStruct(t *testing.T) {
	dir := t.TempDir()
	p := peptidesNamed(t, "peptides-struct")
	write(t, filepath.Join(dir, "lrgb", "peptide_structure_normalized_dataset.csv.gz"), zipped(t, properties("-1", "0", "1e0")))
	write(t, filepath.Join(dir, "lrgb", "peptides_func.split.json.gz"), zipped(t, threePeptides))
	set, err := p.load(context.Background(), Options{Dir: dir, Molecule: letters})
	if err != nil {
		t.Fatal(err)
	}
	for split, want := range []struct {
		id    string
		nodes int
		y     float32
	}{{"2", 3, 1}, {"0", 1, -1}, {"1", 2, 0}} {
		g := graphAt(t, set.Split(Split(split)), 0)
		if g.ID != want.id || g.Nodes != want.nodes || len(g.Target) != 11 || g.Target[0] != want.y || g.Target[10] != want.y {
			t.Errorf("%+v, expected %+v", g, want)
		}
	}
	// The order of columns is that of the benchmark's code, whatever that of the file.
	names := append([]string(nil), peptideProperties...)
	names[0], names[10] = names[10], names[0]
	swapped := strings.Join(names, ",") + ",smiles\n" + strings.Repeat("-1,", 11) + "C\n0" + strings.Repeat(",0", 10) + ",C\n1" + strings.Repeat(",1", 10) + ",C\n"
	swapped = strings.Replace(swapped, "-1,", "-1.0002,", 1)
	write(t, filepath.Join(dir, "lrgb", "peptide_structure_normalized_dataset.csv.gz"), zipped(t, swapped))
	if set, err = p.load(context.Background(), Options{Dir: dir, Molecule: letters}); err != nil {
		t.Fatal(err)
	}
	same(t, "the plane of best fit", graphAt(t, set.Val, 0).Target[10], float32(-1.0002))
}

// Stored graphs have the same form as those of the other sets of molecules.
func TestPeptidesStructStored(t *testing.T) {
	dir := t.TempDir()
	p := peptidesNamed(t, "peptides-struct")
	y := `"y":[0,1,2,3,4,5,6,7,8,9,10.5]`
	write(t, filepath.Join(dir, "peptides_struct.vocab.json"), []byte(smallVocabulary))
	write(t, filepath.Join(dir, "peptides_func.split.json.gz"), zipped(t, threePeptides))
	write(t, filepath.Join(dir, "peptides_struct.graphs.jsonl.gz"),
		zipped(t, `{"i":0,"x":[0],"e":[],`+y+"}\n"+`{"i":1,"x":[0],"e":[],`+y+"}\n"+`{"i":2,"x":[0],"e":[],`+y+"}\n"))
	set, err := p.load(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "target", graphAt(t, set.Test, 0).Target[10], float32(10.5))
}

func TestPeptidesStructRefuses(t *testing.T) {
	const get = "; this is not the published data: get the file again"
	for _, c := range []struct{ name, text, want string }{
		{"no number", properties("-1", "none", "1"), `:4: Inertia_mass_a: "none" is not a number` + get},
		{"not finite", properties("-1", "NaN", "1"), ":4: Inertia_mass_a is NaN, expected a finite number" + get},
		{"rows", properties("-1", "1"), ": 2 rows, expected 3" + get},
		{"units", properties("10", "11", "12"), ": Inertia_mass_a has mean 11 and standard deviation 1, expected 0 and 1" + get},
		{"scale", properties("-10", "0", "10"), ": Inertia_mass_a has mean 0 and standard deviation 10, expected 0 and 1" + get},
		{"molecule", strings.Replace(properties("-1", "0", "1"), ",CC,", ",C!,", 1), `:4: column "smiles": column 1: no such atom`},
		{"column", strings.Replace(properties("-1", "0", "1"), "Spherocity", "Sphere", 1), `Sphere", "Plane_best_fit"; did you mean "Sphere"?`},
	} {
		dir := t.TempDir()
		path := write(t, filepath.Join(dir, "peptide_structure_normalized_dataset.csv"), []byte(c.text))
		_, err := peptidesNamed(t, "peptides-struct").load(context.Background(), Options{Dir: dir, Molecule: letters})
		var file *FileError
		if !errors.As(err, &file) || !strings.HasPrefix(err.Error(), "datasets: "+path+":") || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	same(t, "few properties", checkProperties([]float32{1}), "the peptide has 1 properties, expected 11")
}

func TestPeptidesMissing(t *testing.T) {
	dir := t.TempDir()
	var missing *MissingError
	_, err := Load(context.Background(), "peptides-struct", Options{Dir: dir})
	if !errors.As(err, &missing) || !strings.HasSuffix(err.Error(), "; or run: graft datasets get --data "+dir+" peptides-struct") {
		t.Errorf("nothing: %v", err)
	}
	path := write(t, filepath.Join(dir, "lrgb", "peptide_structure_normalized_dataset.csv.gz"), zipped(t, properties("-1", "0", "1")))
	_, err = Load(context.Background(), "peptides-struct", Options{Dir: dir})
	if !errors.As(err, &missing) || missing.Table != path || !strings.Contains(err.Error(), "; or read the molecules from "+path) {
		t.Errorf("a table: %v", err)
	}
	_, err = peptidesNamed(t, "peptides-struct").load(context.Background(), Options{Dir: dir, Molecule: letters})
	if !errors.As(err, &missing) || missing.File != "peptides_func.split.json.gz" || missing.Command == "" {
		t.Errorf("no split: %v", err)
	}
	write(t, filepath.Join(dir, "lrgb", "peptides_func.split.json.gz"), zipped(t, `{"train":[2],"val":[0],"test":[0]}`))
	_, err = peptidesNamed(t, "peptides-struct").load(context.Background(), Options{Dir: dir, Molecule: letters})
	if err == nil || !strings.Contains(err.Error(), "test: graph 0 comes twice") {
		t.Errorf("a bad split: %v", err)
	}
}

func TestPeptideLabels(t *testing.T) {
	for text, want := range map[string]string{
		"1, 0": `the labels "1, 0" are no list in brackets`, "[1, x]": `the label " x" is not a number`, "[]": `the label "" is not a number`,
	} {
		if _, got := parseLabels([]string{text}); got != want {
			t.Errorf("%s: %s, expected %s", text, got, want)
		}
	}
	same(t, "few labels", checkLabels([]float32{1}), "the peptide has 1 labels, expected 10")
	same(t, "odd labels", checkLabels([]float32{1, 2, 0, 0, 0, 0, 0, 0, 0, 0}), "label 1 is 2, expected 0 or 1")
}
