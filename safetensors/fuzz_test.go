package safetensors

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"runtime"
	"testing"
)

// FuzzFile holds for any bytes: no panic; memory within 4 times the input and 8 MiB; what is accepted is JSON that
// encoding/json reads alike, and decode(encode(decode(x))) == decode(x), with and without checksums. Run it with
// -fuzzminimizetime=10x: by default the fuzzer shrinks each new input for a minute.
func FuzzFile(f *testing.F) {
	for _, path := range goldenFiles(f) {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 4<<10 { // the fuzzer spends its time shrinking larger ones
			f.Add(b)
		}
	}
	for _, a := range attacks() {
		f.Add(a.file)
	}
	var checked bytes.Buffer
	if err := WriteChecked(&checked, []Tensor{FromFloat32("a", []float32{1, 2}, 2), FromInt64("b", []int64{3})}, map[string]string{"k": "v"}); err != nil {
		f.Fatal(err)
	}
	f.Add(checked.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		file, err := openBytes(b, Options{Convert: true})
		if err == nil {
			err = file.Verify()
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > uint64(4*len(b)+8<<20) {
			t.Fatalf("%d bytes allocated for %d", got, len(b))
		}
		if err != nil {
			return
		}
		sameAsJSON(t, file, b[8:file.data])
		c := contentOf(t, file)
		for _, tensor := range c.tensors {
			// Whatever the type, one of the three must work or say why not.
			for _, read := range []func() error{
				func() error { _, _, err := file.Float32(tensor.Name); return err },
				func() error { _, _, err := file.Float64(tensor.Name); return err },
				func() error { _, _, err := file.Int64(tensor.Name); return err },
			} {
				if err := read(); err != nil && err.Error() == "" {
					t.Fatal("an error without words")
				}
			}
		}
		for _, checked := range []bool{false, true} {
			var again bytes.Buffer
			if err := write(&again, c.tensors, c.metadata, checked); err != nil {
				t.Fatal(err)
			}
			g, err := openBytes(again.Bytes(), Options{MaxHeader: LargestMaxHeader})
			if err != nil {
				t.Fatal(err)
			}
			if got := contentOf(t, g); !reflect.DeepEqual(got, c) {
				t.Fatalf("got %+v\nwant %+v", got, c)
			}
		}
	})
}

// sameAsJSON compares an accepted header with what encoding/json makes of it.
func sameAsJSON(t *testing.T, f *File, text []byte) {
	t.Helper()
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(text, &entries); err != nil {
		t.Fatalf("accepted a header that is not JSON: %v", err)
	}
	var meta map[string]string
	if raw, ok := entries[metadataKey]; ok {
		if err := json.Unmarshal(raw, &meta); err != nil {
			t.Fatal(err)
		}
		delete(entries, metadataKey)
	}
	got := f.Metadata()
	for key, value := range meta {
		if !reserved(key) && got[key] != value {
			t.Fatalf("metadata %q: %q, want %q", key, got[key], value)
		}
	}
	if len(entries) != f.Len() {
		t.Fatalf("%d tensors, want %d", f.Len(), len(entries))
	}
	for name, raw := range entries {
		var want struct {
			DType   DType
			Shape   []int
			Offsets [2]int64 `json:"data_offsets"`
		}
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		info, err := f.Info(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.DType != want.DType || !reflect.DeepEqual(info.Shape, want.Shape) || info.Begin != want.Offsets[0] || info.End != want.Offsets[1] {
			t.Fatalf("tensor %q: %+v, want %+v", name, info, want)
		}
	}
}
