package imagesets

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
)

// FuzzIDX reads any file: what is accepted can be used.
func FuzzIDX(f *testing.F) {
	f.Add(idxBytes(Uint8, []int{2, 1, 2}, 1, 2, 3, 4))
	f.Add(idxBytes(Float32, []int{1, 1, 1, 3}, 1, 2, 3))
	f.Add(idxBytes(Int16, []int{3}, 1, 2, -3))
	f.Add(idxBytes(Float64, []int{1 << 30, 1 << 30, 1 << 30}))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := ReadIDX(bytes.NewReader(data), "x")
		if err != nil {
			return
		}
		if labels, err := x.Labels(); err == nil && len(labels) != x.Len() {
			t.Errorf("%d labels of %v", len(labels), x.Shape)
		}
		source, err := x.Images()
		if err != nil || source.Len() == 0 {
			return
		}
		m, err := source.Image(source.Len() - 1)
		if err != nil || m.Check() != nil {
			t.Errorf("%v: %v, %v", x.Shape, err, m.Check())
		}
	})
}

// FuzzCIFAR reads any records, and any archive of them.
func FuzzCIFAR(f *testing.F) {
	f.Add(cifarRecord([]byte{3}, 1, 2, 3))
	f.Add(cifarRecord([]byte{3, 4}, 1, 2, 3)[:3000])
	f.Add(tarred(map[string][]byte{"cifar-10-batches-bin/test_batch.bin": cifarRecord([]byte{1}, 2, 3, 4)}))
	path := filepath.Join(f.TempDir(), "x.tar")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []func([]byte) error{readTen, readHundred} {
			if err := read(data); err == nil && len(data)%cifarPlane == 0 && len(data) > 0 {
				t.Errorf("%d bytes are no records", len(data))
			}
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		read := map[string]*CIFAR{}
		if entry := (entry{info: cifar10Info}); entry.parts().readArchive(context.Background(), path, read) == nil {
			for name, c := range read {
				if len(c.pixels) != c.Len()*3*cifarPlane {
					t.Errorf("%s: %d bytes of %d records", name, len(c.pixels), c.Len())
				}
			}
		}
	})
}

// FuzzTable reads any table: lines have a path and a label.
func FuzzTable(f *testing.F) {
	f.Add("path,label\na.png,x\n")
	f.Add("\ufeffpath\tlabel\tsplit\n\"a\nb\"\tx\ttest\n")
	f.Add("label,path,path\n1,2,3\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"x.csv", "x.tsv"} {
			rows, err := parseTable(context.Background(), bytes.NewReader([]byte(text)), name, OwnOptions{})
			if err != nil {
				continue
			}
			for _, r := range rows {
				if r.path == "" || r.label == "" || r.line < 2 || r.split != "" && !isSplit(r.split) {
					t.Errorf("%+v", r)
				}
			}
			if len(rows) == 0 || len(labelList(rows)) == 0 {
				t.Error("no lines were accepted")
			}
		}
	})
}

// FuzzZip opens any zip file of images.
func FuzzZip(f *testing.F) {
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18))))
	path := filepath.Join(f.TempDir(), "x.zip")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		set, err := Folder(context.Background(), path, OwnOptions{})
		if err != nil {
			return
		}
		defer set.Close()
		if set.Train.Len() > 0 {
			set.Train.Image(0)
		}
	})
}
