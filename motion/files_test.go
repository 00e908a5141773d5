package motion

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/safetensors"
	"pgregory.net/rapid"
)

// TestClipsOfMTVCrafter opens the five stored clips.
func TestClipsOfMTVCrafter(t *testing.T) {
	frames := map[string]int{"clip0": 127, "clip1": 299, "clip2": 584, "clip3": 653, "clip4": 179} // README beside them
	var all []*Clip
	paths := golden.Paths(t, "mtvcrafter_clips", "clip", ".safetensors")
	for i, path := range paths {
		f, err := safetensors.Open(path, safetensors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := ReadTensors(fmt.Sprint("clip", i), f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if c.Frames() != frames[c.Name] || c.Joints() != 24 || c.Axes != CameraAxes || c.Unit != 0.001 {
			t.Errorf("%s: %d frames of %d joints", c.Name, c.Frames(), c.Joints())
		}
		up := c.Upright()
		marks := up.Skeleton.Landmarks()
		for f := range up.Frames() {
			if up.At(f, marks.Head)[1] < up.At(f, marks.LeftFoot)[1] {
				t.Errorf("%s: frame %d: the head is below the foot", c.Name, f)
			}
		}
		if height, err := c.Height(marks); err != nil || height < 1300 || height > 2000 {
			t.Errorf("%s: height %v mm, error %v", c.Name, height, err)
		}
		if d, err := (Preparation{Face: true, Centre: CentreHips, Scale: true}).Apply(c); err != nil || d.At(0, marks.LeftHip)[0] < 0.01 {
			t.Errorf("%s: prepared, the left hip is at %v, error %v", c.Name, d.At(0, marks.LeftHip), err)
		}
		all = append(all, c)
	}
	if len(all) != 5 {
		t.Errorf("%d clips", len(all))
	}
	// The stored moments are those of 30,000 clips that nobody has; ours must be alike.
	for _, c := range golden.Files(t, "mtvcrafter_clips", "stats") {
		m := Moments{Mean: c.Tensor("mean").Data(), Std: c.Tensor("std").Data()}
		for _, clip := range all {
			for i, v := range m.Standardise(clip) {
				if math.Abs(float64(v)) > 20 {
					t.Fatalf("%s: coordinate %d is %v deviations from the mean", clip.Name, i, v)
				}
			}
		}
	}
}

func drawClip(t *rapid.T) *Clip {
	n := rapid.IntRange(1, 6).Draw(t, "joints")
	c := &Clip{Name: rapid.StringMatching(`[a-z "\n#é]{1,6}`).Draw(t, "name"), Skeleton: &Skeleton{},
		FPS: rapid.SampledFrom([]float64{0, 30, 23.976}).Draw(t, "fps"), Unit: rapid.SampledFrom([]float64{0, 0.01}).Draw(t, "unit"), Axes: Axes(rapid.IntRange(0, 1).Draw(t, "axes"))}
	for j := range n {
		c.Skeleton.Joints = append(c.Skeleton.Joints, rapid.StringMatching(`[a-z ,".\n#]{0,4}`).Draw(t, "joint"))
		c.Skeleton.Parents = append(c.Skeleton.Parents, rapid.IntRange(-1, j-1).Draw(t, "parent"))
	}
	for range rapid.IntRange(1, 3).Draw(t, "frames") * n * 3 {
		v := math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
		if v-v != 0 {
			v = 1
		}
		c.Positions = append(c.Positions, v)
	}
	return c
}

// same compares clips to the last bit.
func same(a, b *Clip) bool {
	if len(a.Positions) != len(b.Positions) {
		return false
	}
	for i := range a.Positions {
		if math.Float32bits(a.Positions[i]) != math.Float32bits(b.Positions[i]) {
			return false
		}
	}
	return a.Name == b.Name && a.FPS == b.FPS && a.Unit == b.Unit && a.Axes == b.Axes && a.Skeleton.Equal(b.Skeleton)
}

func TestFilesKeepEveryBit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawClip(t)
		var b bytes.Buffer
		if err := WriteCSV(&b, c); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		back, err := ReadCSV("x.csv", &b)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !same(c, back) {
			t.Fatalf("CSV: %+v\nexpected %+v\n%s", back, c, text)
		}
		b.Reset()
		if err := WriteTensors(&b, c); err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), safetensors.Options{RequireChecksums: true})
		if err != nil {
			t.Fatal(err)
		}
		if back, err = ReadTensors("x.safetensors", f); err != nil || !same(c, back) {
			t.Fatalf("safetensors: %v\n%+v\nexpected %+v", err, back, c)
		}
	})
}

func TestCSVForms(t *testing.T) {
	c, err := ReadCSV("x.csv", strings.NewReader("\ufeffa.x,a.y,a.z,b.x,b.y,b.z\r\n1,2,3,4,5,6e-1\r\n"))
	if err != nil || c.Name != "x.csv" || c.FPS != 0 || !reflect.DeepEqual(c.Skeleton, &Skeleton{[]string{"a", "b"}, []int{-1, -1}}) || c.At(0, 1) != [3]float32{4, 5, 0.6} {
		t.Errorf("%+v %v", c, err)
	}
	var header []string
	for _, j := range smpl[:22] {
		header = append(header, j+".x", j+".y", j+".z")
	}
	if c, err := ReadCSV("", strings.NewReader(strings.Join(header, ",")+"\n")); err != nil || c.Frames() != 0 || !c.Skeleton.Equal(SMPL22()) {
		t.Errorf("%+v %v", c, err)
	}
}

func TestBadCSV(t *testing.T) {
	const head = "# {\"fps\":30,\"parents\":[-1]}\nframe,a.x,a.y,a.z\n"
	for text, want := range map[string]string{
		"":                                      "x.csv: it has no header",
		"# {\n":                                 "x.csv:1: expected # and a JSON object",
		"# {\"fsp\":30}\n":                      `x.csv:1: expected # and a JSON object such as {"fps":30,"parents":[-1,0]}: json: unknown field "fsp"`,
		"# {} {}\na.x,a.y,a.z":                  "something follows",
		"# {\"axes\":\"yup\"}\na.x,a.y,a.z\n":   `x.csv:1: unknown axes "yup"; did you mean "y-up"?`,
		"# {\"parents\":[0]}\na.x,a.y,a.z\n":    "x.csv:1: joint 0 has parent 0",
		"# {\"parents\":[-1,0]}\na.x,a.y,a.z\n": "x.csv:1: 2 parents of 1 joints",
		"# {\"fps\":-1}\na.x,a.y,a.z\n":         "x.csv: -1 frames a second",
		"frame\n":                               "x.csv:1: 0 columns of coordinates",
		"a.x,a.y\n":                             "x.csv:1: 2 columns of coordinates",
		"a.x,a.y,b.z\n":                         `x.csv:1: columns "a.x", "a.y", "b.z", expected the x, y and z of one joint`,
		head + "0,1,2\n":                        "x.csv:3: the row has another number of cells than the header; was the file cut off?",
		head + "0,1,2,3\n2,1,2,3\n":             `x.csv:4: frame "2", expected 1`,
		head + "0,1,2,NaN\n":                    `x.csv:3: frame 0, joint "a": z is "NaN", expected a finite number`,
		head + "0,1e39,2,3\n":                   `joint "a": x is "1e39"`,
		head + "0,1,\"2,3\n":                    "x.csv:3: extraneous or missing",
		"# " + strings.Repeat("x", longestHead): "x.csv:1: the line is longer than",
		strings.Repeat("a.x,a.y,a.z,", 4096) + "a.x,a.y,a.z": "4097 joints, expected at most 4095",
	} {
		_, err := ReadCSV("x.csv", strings.NewReader(text))
		var f *FileError
		if !errors.As(err, &f) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v\nexpected %s", text, err, want)
		}
	}
	if err := WriteCSV(new(bytes.Buffer), &Clip{Skeleton: &Skeleton{[]string{"\xff"}, []int{-1}}}); err == nil || !strings.Contains(err.Error(), "is not UTF-8") {
		t.Error(err)
	}
}

func TestBadTensors(t *testing.T) {
	flat := func(name string, shape ...int) safetensors.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return safetensors.FromFloat32(name, make([]float32, n), shape...)
	}
	nan := flat("pose", 1, 24, 3)
	nan.Float32[4] = float32(math.NaN())
	for _, c := range []struct {
		tensor safetensors.Tensor
		meta   string
		want   string
	}{
		{flat("x", 1), "", "no tensor is called positions or pose"},
		{flat("pose", 1, 23, 3), "", "has 23 joints, expected the 24 or 22"},
		{flat("pose", 1, 24, 2), "", "has shape [1 24 2]"},
		{nan, "", `frame 0: joint "l_hip": coordinate y is NaN`},
		{flat("positions", 1, 2, 3), "", "without the metadata string motion"},
		{flat("positions", 1, 2, 3), "{", "its metadata string motion: unexpected EOF"},
		{flat("positions", 1, 2, 3), `{"joints":["a"]}`, "1 names of 2 joints"},
		{flat("positions", 1, 1, 3), `{"joints":["a"],"parents":[-1],"axes":"z"}`, `unknown axes "z"`},
		{flat("positions", 1, 1, 3), `{"joints":["a"],"parents":[1]}`, `joint 0 has parent 1`},
	} {
		var b bytes.Buffer
		meta := map[string]string{}
		if c.meta != "" {
			meta["motion"] = c.meta
		}
		if err := safetensors.Write(&b, []safetensors.Tensor{c.tensor}, meta); err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), safetensors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = ReadTensors("x", f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v\nexpected %s", err, c.want)
		}
	}
}

func TestMomentsFile(t *testing.T) {
	m := MomentsOf([]*Clip{counting(3, 30)})
	read := func(tensors []safetensors.Tensor) (Moments, error) {
		var b bytes.Buffer
		if err := safetensors.Write(&b, tensors, nil); err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), safetensors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return ReadMoments("stats", f)
	}
	if back, err := read(m.Tensors()); err != nil || !reflect.DeepEqual(back, m) {
		t.Error(back, err)
	}
	m.Std[0] = 0
	if _, err := read(m.Tensors()); err == nil || !strings.Contains(err.Error(), "deviation above 0") {
		t.Error(err)
	}
	if _, err := read(m.Tensors()[:1]); !errors.Is(err, safetensors.ErrNoTensor) {
		t.Error(err)
	}
}

func FuzzReadCSV(f *testing.F) {
	var b bytes.Buffer
	c := counting(2, 30)
	WriteCSV(&b, c)
	f.Add(b.Bytes())
	f.Add([]byte("a.x,a.y,a.z\n1,2,3\n"))
	f.Add([]byte("# {\"parents\":[-1]}\nframe,\"a\n.x\",\"a\n.y\",\"a\n.z\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ReadCSV("fuzz.csv", bytes.NewReader(text))
		if err != nil {
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := WriteCSV(&b, c); err != nil {
			return // a name that is not UTF-8
		}
		if back, err := ReadCSV("fuzz.csv", &b); err != nil || !same(c, back) {
			t.Fatalf("%v\n%+v\nexpected %+v", err, back, c)
		}
	})
}
