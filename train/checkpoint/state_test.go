package checkpoint

import (
	"bytes"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
)

var write = flag.Bool("write", false, "write the checkpoint of the current format version to testdata, when it does not exist")

// released is the state that testdata holds once for each format version.
func released() *State {
	return &State{
		Tensors: []Named{
			{"block.0.norm.mean", tensor.FromSlice([]float32{0, float32(math.Inf(1)), -1e-45}, 3)},
			{"block.0.weight", tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6.5}, 2, 3)},
			{"empty", tensor.New(0, 4)},
			{"optim.first.block.0.weight", tensor.FromSlice([]float32{-1, -2, -3, -4, -5, -6.5}, 2, 3)},
			{"scale", tensor.Scalar(0.1)},
		},
		Meta: map[string]string{"step": "120", "config": "model: grit\nlayers: 2\n", "random.shuffle": "18446744073709551615", "": "é\"\\"},
	}
}

// TestReleasedVersions holds that a checkpoint of every format version so far loads for ever.
func TestReleasedVersions(t *testing.T) {
	if *write {
		path := filepath.Join("testdata", "v1.safetensors")
		if _, err := os.Stat(path); err == nil {
			t.Fatalf("%s exists and must not change", path)
		}
		if err := WriteFile(path, released().Encode); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := filepath.Glob(filepath.Join("testdata", "v*.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != Version {
		t.Fatalf("testdata has %d checkpoints, there are %d format versions", len(paths), Version)
	}
	for _, path := range paths {
		s, err := Read(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if !reflect.DeepEqual(s, released()) {
			t.Errorf("%s: %+v", path, s)
		}
	}
}

// TestStableBytes holds that the same state gives the bytes it always gave; where they must change, the version must, too.
func TestStableBytes(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "v1.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	s := released()
	s.Tensors[0], s.Tensors[3] = s.Tensors[3], s.Tensors[0]
	var got bytes.Buffer
	if err := s.Encode(&got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("the bytes of a checkpoint have changed within one format version")
	}
}

// file writes a safetensors file and returns its path.
func file(t *testing.T, meta map[string]string, tensors ...safetensors.Tensor) string {
	t.Helper()
	var b bytes.Buffer
	if err := safetensors.WriteChecked(&b, tensors, meta); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "last.safetensors")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOtherVersions(t *testing.T) {
	for _, version := range []string{"2", "10", "0", "-1", "", "1.5", "next"} {
		path := file(t, map[string]string{versionKey: version})
		_, err := Read(path)
		var v *VersionError
		want := path + `: written in format version "` + version + `", this program reads up to version 1; use a newer graft`
		if !errors.As(err, &v) || v.Version != version || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

// TestNewerIsNotPassedOver holds that no older state is taken in place of a newer version's.
func TestNewerIsNotPassedOver(t *testing.T) {
	path := file(t, map[string]string{versionKey: "2"})
	d := Dir{Path: filepath.Dir(path)}
	if err := WriteFile(d.file(Last, 1), toy(1).Encode); err != nil {
		t.Fatal(err)
	}
	var v *VersionError
	if _, _, err := d.Load(Last); !errors.As(err, &v) {
		t.Errorf("error %v", err)
	}
}

func TestNotACheckpoint(t *testing.T) {
	path := file(t, nil, safetensors.FromFloat32("a", []float32{1}, 1))
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path+": not a checkpoint: its metadata have no graft.checkpoint") {
		t.Errorf("%v", err)
	}
	path = file(t, map[string]string{versionKey: "1"}, safetensors.FromInt64("a", []int64{1}, 1))
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), `tensor "a": it is stored as I64, which cannot be read as F32`) {
		t.Errorf("%v", err)
	}
	var plain bytes.Buffer
	if err := safetensors.Write(&plain, nil, map[string]string{versionKey: "1"}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, plain.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "header: the file has no checksums") {
		t.Errorf("%v", err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	one := tensor.New(1)
	for want, s := range map[string]*State{
		"there are two tensors of this name": {Tensors: []Named{{"a", one}, {"a", one}}},
		"graft.checkpoint":                   {Meta: map[string]string{versionKey: "1"}},
		"reserved for checksums":             {Meta: map[string]string{"crc32c": "1"}},
		"not UTF-8":                          {Meta: map[string]string{"k": "\xff"}},
	} {
		var b bytes.Buffer
		if err := s.Encode(&b); err == nil || !strings.Contains(err.Error(), want) || b.Len() > 0 {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	defer func() {
		if e := recover(); e != `checkpoint: Encode: tensor "a" is nil` {
			t.Errorf("panic %v", e)
		}
	}()
	_ = (&State{Tensors: []Named{{Name: "a"}}}).Encode(&bytes.Buffer{})
}

func TestStateTensor(t *testing.T) {
	s := released()
	if s.Tensor("scale") != s.Tensors[4].Tensor || s.Tensor("none") != nil {
		t.Error("Tensor does not find by name")
	}
}

// BenchmarkSave saves 2 MB of parameters with two moments each, 6 MB in all, to the disk; 50 ms are allowed.
func BenchmarkSave(b *testing.B) {
	s := &State{}
	for _, prefix := range []string{"", "first.", "second."} {
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			s.Tensors = append(s.Tensors, Named{prefix + name, tensor.New(256, 256)})
		}
	}
	d := Dir{Path: b.TempDir()}
	b.SetBytes(6 << 20)
	for b.Loop() {
		if err := d.Save(Last, s); err != nil {
			b.Fatal(err)
		}
	}
}
