package golden

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
)

// recorder stands for a test that is expected to fail.
type recorder struct {
	testing.TB
	errors, logs []string
	cleanups     []func()
	skipped      bool
}

type fatal struct{}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Failed() bool     { return len(r.errors) > 0 }
func (r *recorder) Skipped() bool    { return r.skipped }
func (r *recorder) Log(args ...any)  { r.logs = append(r.logs, fmt.Sprint(args...)) }
func (r *recorder) Fatal(args ...any) {
	r.errors = append(r.errors, fmt.Sprint(args...))
	panic(fatal{})
}
func (r *recorder) Logf(f string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(f, args...))
}
func (r *recorder) Errorf(f string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(f, args...))
}
func (r *recorder) Fatalf(f string, args ...any) {
	r.Errorf(f, args...)
	panic(fatal{})
}

// run runs a test and its clean-up.
func (r *recorder) run(test func()) {
	func() {
		defer func() {
			if e := recover(); e != nil && e != (fatal{}) {
				panic(e)
			}
		}()
		test()
	}()
	for len(r.cleanups) > 0 {
		f := r.cleanups[len(r.cleanups)-1]
		r.cleanups = r.cleanups[:len(r.cleanups)-1]
		f()
	}
}

// folderWith points GRAFT_GOLDEN to a folder with one file, toy/one.safetensors.
func folderWith(t *testing.T) {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "toy"), 0o777); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(root, "toy", "one.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	err = safetensors.Write(file, []safetensors.Tensor{
		safetensors.FromFloat32("x", []float32{1, 2, 3, -4}, 2, 2),
		safetensors.FromFloat32("zero", []float32{0, 0}, 2),
		safetensors.FromFloat32("nan", []float32{0, float32(math.NaN())}, 2),
		safetensors.FromFloat32("inf", []float32{1, float32(math.Inf(-1))}, 2),
		safetensors.FromInt64("index", []int64{5, 6}, 2),
	}, map[string]string{"repo": "a/b", "config": `{"heads": 3, "other": 1}`, "bad": "{"})
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GRAFT_GOLDEN", root)
}

// TestFailures holds what each misuse and each deviation is answered with.
func TestFailures(t *testing.T) {
	ignoreAll := func(c *Case) {
		for _, name := range c.Names() {
			c.Ignore(name, "not the subject")
		}
	}
	tests := []struct {
		name string
		test func(r *recorder, c *Case)
		want string // part of the one error; empty: none
	}{
		{"all compared", func(r *recorder, c *Case) {
			c.Compare(r, "x", tensor.FromSlice([]float32{1, 2, 3, -4}, 2, 2), 0)
			c.Compare(r, "zero", tensor.New(2), 0)
			c.CompareFlat(r, "inf", []float32{1, float32(math.Inf(-1))}, 0)
			c.CompareInts(r, "index", []int64{5, 6})
			c.Ignore("nan", "the official code divides by zero here")
		}, ""},
		{"looked at is used", func(r *recorder, c *Case) {
			c.Tensor("x")
			c.Tensor("zero")
			c.Float64s("nan")
			c.Tensor("inf")
			c.Ints("index")
		}, ""},
		{"unused", func(r *recorder, c *Case) {
			c.Tensor("x")
			c.Ignore("inf", "no reason")
			c.Ints("index")
			c.Has("zero")
		}, "2 of 5 tensors were never compared or used: nan, zero"},
		{"nothing used", func(*recorder, *Case) {}, "5 of 5 tensors"},
		{"within tolerance", func(r *recorder, c *Case) {
			ignoreAll(c)
			c.Compare(r, "x", tensor.FromSlice([]float32{1.0003, 2, 3, -4}, 2, 2), Gradient)
		}, ""},
		{"beyond tolerance", func(r *recorder, c *Case) {
			c.Compare(r, "x", tensor.FromSlice([]float32{1, 2, 3.5, -4}, 2, 2), Gradient)
		}, "x[1 0]: got 3.5, want 3; deviation 0.125 of the largest magnitude 4, tolerance 0.0001"},
		{"zero golden is absolute", func(r *recorder, c *Case) {
			c.Compare(r, "zero", tensor.FromSlice([]float32{0, 2e-5}, 2), Forward)
		}, "zero[1]: got 1.9999999494757503e-05, want 0"},
		{"NaN result", func(r *recorder, c *Case) {
			c.Compare(r, "zero", tensor.FromSlice([]float32{float32(math.NaN()), 0}, 2), math.MaxFloat64)
		}, "zero[0]: got NaN, want 0"},
		{"NaN golden", func(r *recorder, c *Case) {
			c.CompareFlat(r, "nan", []float32{0, float32(math.NaN())}, 1)
		}, "nan[1]: got NaN, want NaN"},
		{"wrong infinity", func(r *recorder, c *Case) {
			c.CompareFlat(r, "inf", []float32{1, float32(math.Inf(1))}, 1)
		}, "inf[1]: got +Inf, want -Inf"},
		{"shape", func(r *recorder, c *Case) {
			c.Compare(r, "x", tensor.New(4), Forward)
		}, "x: shape [4], want [2 2]"},
		{"size", func(r *recorder, c *Case) {
			c.CompareFlat(r, "x", make([]float32, 3), Forward)
		}, "x: 3 values, want 4 of shape [2 2]"},
		{"ints", func(r *recorder, c *Case) {
			c.CompareInts(r, "index", []int64{5, 7})
		}, "index[1]: got 7, want 6"},
		{"ints size", func(r *recorder, c *Case) {
			c.CompareInts(r, "index", []int64{5})
		}, "index: 1 numbers, want 2"},
		{"no tensor", func(r *recorder, c *Case) { c.Tensor("y") }, `no such tensor: "y"`},
		{"no shape", func(r *recorder, c *Case) { c.Shape("y") }, `no such tensor: "y"`},
		{"no floats", func(r *recorder, c *Case) { c.Float64s("y") }, `no such tensor: "y"`},
		{"ints of floats", func(r *recorder, c *Case) { c.Ints("x") }, "stored as F32, which cannot be read as I64"},
		{"ignore unknown", func(r *recorder, c *Case) { c.Ignore("y", "why") }, `there is no tensor "y"`},
		{"ignore without reason", func(r *recorder, c *Case) { c.Ignore("x", "") }, "without a reason"},
		{"no metadata", func(r *recorder, c *Case) { c.JSON(r, "setup", nil) }, `have no "setup"`},
		{"bad metadata", func(r *recorder, c *Case) { var v struct{}; c.JSON(r, "bad", &v) }, `metadata "bad": unexpected end of JSON`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folderWith(t)
			r := &recorder{}
			r.run(func() { test.test(r, Files(r, "toy", "one")[0]) })
			switch {
			case test.want == "" && len(r.errors) > 0:
				t.Errorf("unexpected: %q", r.errors)
			case test.want != "" && (len(r.errors) != 1 || !strings.Contains(r.errors[0], test.want)):
				t.Errorf("errors %q, want one with %q", r.errors, test.want)
			}
		})
	}
}

func TestSkippedTestIsNotBlamed(t *testing.T) {
	folderWith(t)
	r := &recorder{skipped: true}
	r.run(func() { Files(r, "toy", "") })
	if len(r.errors) > 0 {
		t.Errorf("unexpected: %q", r.errors)
	}
}

func TestNoFiles(t *testing.T) {
	folderWith(t)
	for system, want := range map[string]string{"toy": "no file two*.safetensors", "other": "no such file"} {
		r := &recorder{}
		r.run(func() { Files(r, system, "two") })
		if len(r.errors) != 1 || !strings.Contains(r.errors[0], want) {
			t.Errorf("%s: errors %q, want one with %q", system, r.errors, want)
		}
	}
}

func TestUnreadableFile(t *testing.T) {
	root := t.TempDir()
	t.Setenv("GRAFT_GOLDEN", root)
	if err := os.WriteFile(filepath.Join(root, "cut.safetensors"), []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	r.run(func() { Files(r, "", "cut") })
	if len(r.errors) != 1 || !strings.Contains(r.errors[0], "cut.safetensors: header: the file has 2 bytes") {
		t.Errorf("errors %q", r.errors)
	}
}

func TestSummaryAndJSON(t *testing.T) {
	folderWith(t)
	r := &recorder{}
	r.run(func() {
		c := Files(r, "toy", "")[0]
		var config struct{ Heads int }
		if c.JSON(t, "config", &config); config.Heads != 3 || c.Metadata["repo"] != "a/b" {
			t.Errorf("config %+v, metadata %v", config, c.Metadata)
		}
		c.Compare(r, "x", tensor.FromSlice([]float32{1.00002, 2, 3, -4}, 2, 2), Forward)
		c.CompareFlat(r, "zero", []float32{0, 5e-5}, Gradient)
		c.Ints("index")
		c.Tensor("inf")
		c.Ignore("nan", "no number")
	})
	want := []string{
		"golden: one                            5 tensors,   2 compared | worst 5.01e-06 of 1e-05 (x) | worst 5.00e-05 of 1e-04 (zero)",
		"golden: one: nan was ignored: no number",
	}
	if len(r.errors) > 0 || len(r.logs) != 2 || r.logs[0] != want[0] || r.logs[1] != want[1] {
		t.Errorf("errors %q\nlogs %q\nwant %q", r.errors, r.logs, want)
	}
}

// TestHouseFiles opens the module's own files.
func TestHouseFiles(t *testing.T) {
	t.Setenv("GRAFT_GOLDEN", "")
	for _, c := range Files(t, "grit", "") {
		if c.Metadata["repo"] == "" || len(c.Metadata["commit"]) != 40 {
			t.Errorf("%s: no provenance in the metadata %v", c.Name, c.Metadata)
		}
		for _, name := range c.Names() {
			if n := len(c.Shape(name)); n == 0 {
				t.Errorf("%s: %s has no shape", c.Name, name)
			}
			c.Ignore(name, "only opened")
		}
	}
	if paths := Paths(t, "grit", "lr_", ".json"); len(paths) == 0 {
		t.Error("no learning-rate figures")
	}
}

// TestPartialRun holds that a case which a -run pattern left out is not blamed, and one that was begun is.
func TestPartialRun(t *testing.T) {
	folderWith(t)
	run := flag.Lookup("test.run")
	old := run.Value.String()
	defer func() { _ = run.Value.Set(old) }()
	if err := run.Value.Set("TestX/one"); err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	r.run(func() { Files(r, "toy", "") })
	if len(r.errors)+len(r.logs) > 0 {
		t.Errorf("left out: %q %q", r.errors, r.logs)
	}
	r.run(func() { Files(r, "toy", "")[0].Tensor("x") })
	if len(r.errors) != 1 {
		t.Errorf("begun: %q", r.errors)
	}
}
