package imagesets

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// cifarRecord is a record with the given labels, whose planes are each of one value.
func cifarRecord(labels []byte, r, g, b byte) []byte {
	record := slices.Clone(labels)
	for _, v := range []byte{r, g, b} {
		record = append(record, bytes.Repeat([]byte{v}, cifarPlane)...)
	}
	return record
}

func TestReadCIFAR(t *testing.T) {
	data := append(cifarRecord([]byte{3}, 1, 2, 3), cifarRecord([]byte{9}, 4, 5, 6)...)
	c, err := ReadCIFAR10(bytes.NewReader(data), "x")
	if err != nil || c.Len() != 2 || c.Label(1) != 9 || c.Coarse != nil {
		t.Fatal(c, err)
	}
	m, err := c.Image(1)
	if err != nil || m.Check() != nil || !slices.Equal(m.Bytes[:6], []byte{4, 5, 6, 4, 5, 6}) {
		t.Error(m, err)
	}
	d, err := ReadCIFAR100(bytes.NewReader(cifarRecord([]byte{19, 99}, 1, 2, 3)), "x")
	if err != nil || !slices.Equal(d.Labels, []int{99}) || !slices.Equal(d.Coarse, []int{19}) {
		t.Error(d, err)
	}
	for _, c := range []struct {
		data []byte
		read func(data []byte) error
		want string
	}{
		{data[:4000], readTen, "it ends within record 1; every record has 3073 bytes"},
		{cifarRecord([]byte{10}, 0, 0, 0), readTen, "record 0 has the label 10, expected 0..9"},
		{cifarRecord([]byte{20, 1}, 0, 0, 0), readHundred, "record 0 has the label 20, expected 0..19"},
		{cifarRecord([]byte{1, 100}, 0, 0, 0), readHundred, "record 0 has the label 100, expected 0..99"},
	} {
		err := c.read(c.data)
		var file *datasets.FileError
		if !errors.As(err, &file) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, expected %q in it", err, c.want)
		}
	}
}

func readTen(data []byte) error {
	_, err := ReadCIFAR10(bytes.NewReader(data), "x")
	return err
}

func readHundred(data []byte) error {
	_, err := ReadCIFAR100(bytes.NewReader(data), "x")
	return err
}

// cifarFolder gives the files of a small CIFAR-10.
func cifarFolder() map[string][]byte {
	files := map[string][]byte{"cifar-10-batches-bin/batches.meta.txt": []byte("airplane\n")}
	for k, name := range append(cifarFiles(), "test_batch.bin") {
		for class := range 10 {
			files["cifar-10-batches-bin/"+name] = append(files["cifar-10-batches-bin/"+name], cifarRecord([]byte{byte(class)}, byte(k), 0, byte(class))...)
		}
	}
	return files
}

func tarred(files map[string][]byte) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, data := range files {
		w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data)), Typeflag: tar.TypeReg})
		w.Write(data)
	}
	w.Close()
	return b.Bytes()
}

func TestLoadCIFAR(t *testing.T) {
	dir := t.TempDir()
	for name, data := range cifarFolder() {
		writeFile(t, filepath.Join(dir, "folder", name), data)
	}
	packed := writeFile(t, filepath.Join(dir, "packed", "cifar10", "cifar-10-binary.tar.gz"), tarred(cifarFolder()))
	inside := filepath.Join(dir, "folder", "cifar-10-batches-bin")
	for _, at := range []string{filepath.Join(dir, "folder"), inside, filepath.Join(dir, "packed"), packed} {
		set, err := Load(context.Background(), "cifar-10-subset", Options{Dir: at, ValShare: 0.2, Limit: datasets.Limit{Test: 5}})
		if err != nil {
			t.Fatal(err)
		}
		if set.Train.Len() != 40 || set.Val.Len() != 10 || set.Test.Len() != 5 || set.Info.Test != 10 {
			t.Errorf("%s: %d, %d, %d images", at, set.Train.Len(), set.Val.Len(), set.Test.Len())
		}
		if got, want := set.Counts(datasets.Val), slices.Repeat([]int{1}, 10); !slices.Equal(got, want) {
			t.Errorf("%v images of each class, expected %v", got, want)
		}
		if m, err := set.Test.Image(4); err != nil || set.Test.Label(4) != 8 || m.Bytes[0] != 5 || m.Bytes[2] != 8 {
			t.Errorf("class %d, %v, %v", set.Test.Label(4), m.Bytes[:3], err)
		}
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err := Load(context.Background(), "cifar-10", Options{Dir: packed})
	if err == nil || !strings.Contains(err.Error(), "it has 50 train images, expected 50000") || !strings.Contains(err.Error(), "cifar-10-subset") {
		t.Error(err)
	}
}

func TestLoadCIFARDamaged(t *testing.T) {
	for want, change := range map[string]func(files map[string][]byte){
		"it has no data_batch_3.bin": func(f map[string][]byte) { delete(f, "cifar-10-batches-bin/data_batch_3.bin") },
		"test_batch.bin has no records": func(f map[string][]byte) {
			f["cifar-10-batches-bin/test_batch.bin"] = nil
		},
		"a second file of that name": func(f map[string][]byte) { f["other/test_batch.bin"] = nil },
		"it ends within record 0":    func(f map[string][]byte) { f["cifar-10-batches-bin/data_batch_1.bin"] = []byte{1, 2} },
	} {
		files := cifarFolder()
		change(files)
		path := writeFile(t, filepath.Join(t.TempDir(), "cifar-10-binary.tar.gz"), tarred(files))
		_, err := Load(context.Background(), "cifar-10-subset", Options{Dir: path})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
}

// TestCIFARSparse refuses an archive whose file is said to be larger than all there is.
func TestCIFARSparse(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	w.WriteHeader(&tar.Header{Name: "test_batch.bin", Typeflag: tar.TypeReg, Size: maxUnpacked + 1})
	path := writeFile(t, filepath.Join(t.TempDir(), "x.tar"), b.Bytes())
	err := entry{info: cifar10Info}.parts().readArchive(context.Background(), path, map[string]*CIFAR{})
	if err == nil || !strings.Contains(err.Error(), "its files have more than 1073741824 bytes") {
		t.Error(err)
	}
}

func TestLoadCIFAR100(t *testing.T) {
	parts := entry{info: cifar100Info}.parts()
	path := writeFile(t, filepath.Join(t.TempDir(), "cifar-100-binary.tar.gz"), tarred(map[string][]byte{
		"cifar-100-binary/train.bin": cifarRecord([]byte{4, 0}, 1, 2, 3),
		"cifar-100-binary/test.bin":  cifarRecord([]byte{19, 99}, 4, 5, 6),
	}))
	read := map[string]*CIFAR{}
	if err := parts.readArchive(context.Background(), path, read); err != nil {
		t.Fatal(err)
	}
	for _, coarse := range []bool{false, true} {
		c, err := joinCIFAR(path, map[string]*CIFAR{"test.bin": read["test.bin"]}, parts.test, coarse)
		if want := map[bool]int{false: 99, true: 19}[coarse]; err != nil || c.Label(0) != want {
			t.Errorf("label %v, %v, expected %d", c.Labels, err, want)
		}
	}
	if len(cifar100Classes) != 100 || len(cifar100Superclasses) != 20 || !slices.IsSorted(cifar100Classes) {
		t.Error("names of CIFAR-100")
	}
	_, err := Load(context.Background(), "cifar-100", Options{Dir: path, Coarse: true})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("it has 1 train images, expected %d", 50_000)) {
		t.Error(err)
	}
}
