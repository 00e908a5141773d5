package bvh

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/graft-ml/graft/motion"
	"pgregory.net/rapid"
)

// small is a file in the tidy form that most programs write.
const small = `HIERARCHY
ROOT Hips
{
	OFFSET 0 0 0
	CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
	JOINT Leg
	{
		OFFSET 0 -10 0
		CHANNELS 1 Xrotation
		End Site
		{
			OFFSET 0 -9.5 0
		}
	}
}
MOTION
Frames: 2
Frame Time: 0.0333333
1 2 3 0 0 0 10
1 2 4 0 0 90 -1e1
`

func mustRead(t *testing.T, text string) *Recording {
	t.Helper()
	r, err := Read("test.bvh", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestForms reads the same recording in every form that the format allows.
func TestForms(t *testing.T) {
	want := mustRead(t, small)
	if want.Frames != 2 || want.Channels() != 7 || want.FrameTime != 0.0333333 || len(want.Nodes) != 3 || want.Nodes[2].Name != "Leg_End" {
		t.Fatalf("%+v", want)
	}
	replaced := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(small) }
	head, numbers, _ := strings.Cut(small, "Frames:")
	for name, text := range map[string]string{
		"CR LF":                  replaced("\n", "\r\n"),
		"CR":                     replaced("\n", "\r"),
		"byte order mark":        "\ufeff" + small,
		"one line":               replaced("\n", " "),
		"a word a line":          head + "Frames:" + strings.Join(strings.Fields(numbers), "\n"),
		"braces touch":           replaced("\n{\n", "{", "\n\t{\n", "{", "}\n", "}"),
		"capitals":               replaced("position", "POSITION", "rotation", "Rotation", "OFFSET", "Offset", "JOINT", "Joint", "End Site", "END SITE"),
		"tabs":                   replaced("Frames: ", "Frames:\t", "Time: ", "Time:\t"),
		"nothing after colons":   replaced("Frames: ", "Frames:", "Time: ", "Time:"),
		"blanks before colons":   replaced("Frames: ", "Frames :", "Time: ", "Time : "),
		"zeros and signs":        replaced("1 2 3 0 0 0 10", "+1.0 2.000 3e0 -0 -0.000000 0.0 1.E1"),
		"no line end at the end": strings.TrimRight(small, "\n"),
	} {
		got := mustRead(t, text)
		for k, v := range got.Values {
			got.Values[k] = v + 0 // -0 is 0 here
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if r, err := Read("test.bvh", iotest.OneByteReader(strings.NewReader(small))); err != nil || !reflect.DeepEqual(r, want) {
		t.Error("byte by byte it is another recording")
	}
}

func TestSeveralRootsAndNames(t *testing.T) {
	r := mustRead(t, `HIERARCHY ROOT a:b { OFFSET 0 0 0 CHANNELS 0 JOINT x { OFFSET 1 0 0 CHANNELS 1 zrotation } JOINT x { OFFSET 0 1 0 CHANNELS 0
		End Site { OFFSET 1 1 1 } End Site { OFFSET 2 2 2 } } } ROOT a:b { OFFSET 0 0 1 CHANNELS 2 yRotation XPosition } MOTION Frames:1 Frame Time: 0 7 8 9`)
	var list []string
	for i := range r.Nodes {
		list = append(list, fmt.Sprintf("%s%d%v", r.Nodes[i].Name, r.Nodes[i].Parent, r.Nodes[i].Channels))
	}
	const want = "a:b-1[] x0[Zrotation] x0[] x_End2[] x_End2[] a:b-1[Yrotation Xposition]"
	if got := strings.Join(list, " "); got != want {
		t.Errorf("%s\nexpected %s", got, want)
	}
	if p := r.Pose(0); p.Places[5] != [3]float64{9, 0, 1} || p.Places[4] != [3]float64{2, 3, 2} {
		t.Errorf("places %v", p.Places)
	}
}

func TestBadFiles(t *testing.T) {
	replaced := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(small) }
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", `test.bvh:1: the file ends, expected HIERARCHY; was it cut off?`},
		{"other file", "\x89PNG\r\n", `test.bvh:1: "\x89PNG", expected HIERARCHY`},
		{"no root", "HIERARCHY\nMOTION", `test.bvh:2: "MOTION", expected ROOT`},
		{"unknown channel", replaced("Xrotation Y", "Xrot Y"), `test.bvh:5: CHANNELS of "Hips": unknown channel "Xrot"; did you mean "Xrotation"?`},
		{"too few channels", replaced("CHANNELS 1 ", "CHANNELS 3 "), `test.bvh:10: CHANNELS of "Leg": 3 are promised, 1 are there before End`},
		{"too many channels", replaced("CHANNELS 1 ", "CHANNELS 7 "), `test.bvh:9: CHANNELS of "Leg": "7", expected a whole number from 0 to 6`},
		{"more than promised", replaced("CHANNELS 6", "CHANNELS 5"), `test.bvh:5: "Yrotation" in joint "Hips", expected OFFSET, CHANNELS, JOINT, End Site or }`},
		{"channel twice", replaced("Xposition Yposition", "Xposition Xposition"), `test.bvh:5: joint "Hips": channel Xposition stands twice`},
		{"no OFFSET", replaced("\t\tOFFSET 0 -10 0\n", ""), `test.bvh:13: joint "Leg" has no OFFSET`},
		{"two OFFSETs", replaced("OFFSET 0 -10 0", "OFFSET 0 -10 0 OFFSET"), `test.bvh:8: joint "Leg" has a second OFFSET`},
		{"no CHANNELS", replaced("\t\tCHANNELS 1 Xrotation\n", ""), `test.bvh:13: joint "Leg" has no CHANNELS; write CHANNELS 0 for a joint that nothing moves`},
		{"late CHANNELS", replaced("\tCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n", "", "\t}\n}", "\t}\nCHANNELS 0\n}"), `CHANNELS of "Hips" behind its first child: whose numbers come first?`},
		{"blank in a name", replaced("JOINT Leg", "JOINT Left Leg"), `test.bvh:6: "Leg" behind the name "Left", expected {; a name is one word: write _ for blanks`},
		{"no name", replaced("JOINT Leg", "JOINT"), `test.bvh:7: "{", expected the name of a joint`},
		{"name not UTF-8", replaced("Leg", "L\xe4g"), `test.bvh:6: the name "L\xe4g" is not UTF-8`},
		{"brace missing", replaced("\t}\n}", "\t}\n"), `test.bvh:16: "MOTION" in joint "Hips", expected OFFSET, CHANNELS, JOINT, End Site or }`},
		{"joint in an End Site", replaced("OFFSET 0 -9.5 0", "JOINT x"), `test.bvh:12: "JOINT" in an End Site, expected OFFSET or }`},
		{"OFFSET no number", replaced("-9.5", "a"), `test.bvh:12: OFFSET of "Leg_End": "a" is no number`},
		{"OFFSET NaN", replaced("-9.5", "nan"), `test.bvh:12: OFFSET of "Leg_End": "nan" is not a finite number`},
		{"a frame short", replaced("Frames: 2", "Frames: 3"), `test.bvh:17: Frames: 3 of 7 channels want 21 numbers, the file has 14 (2 frames); was it cut off?`},
		{"cut off", replaced(" 90 -1e1\n", ""), `test.bvh:17: Frames: 2 of 7 channels want 14 numbers, the file has 12 (1 frames and 5 numbers); was it cut off?`},
		{"a frame more", replaced("Frames: 2", "Frames: 1"), `test.bvh:17: Frames: 1 of 7 channels want 7 numbers, the file has 14 (2 frames)`},
		{"absurdly many frames", replaced("Frames: 2", "Frames: 2147483647"), `want 15032385529 numbers, the file has 14`},
		{"more than any", replaced("Frames: 2", "Frames: 99999999999999999999"), `test.bvh:17: Frames: "99999999999999999999", expected a whole number from 0 to 2147483647`},
		{"negative frames", replaced("Frames: 2", "Frames: -2"), `test.bvh:17: Frames: "-2", expected a whole number`},
		{"negative time", replaced("0.0333333", "-1"), `test.bvh:18: Frame Time: -1, expected seconds`},
		{"no Frames", replaced("Frames: 2\n", ""), `test.bvh:17: "Frame", expected Frames:`},
		{"no colon", replaced("Frames: 2", "Frames 2"), `test.bvh:17: "2", expected Frames:`},
		{"NaN", replaced("90", "NaN"), `test.bvh:20: frame 1, joint "Hips": Yrotation: "NaN" is not a finite number`},
		{"infinite", replaced("-1e1", "-inf"), `test.bvh:20: frame 1, joint "Leg": Xrotation: "-inf" is not a finite number`},
		{"Windows's NaN", replaced("-1e1", "-1.#IND"), `"-1.#IND" is not a finite number`},
		{"too large", replaced("-1e1", "1e999"), `"1e999" is not a finite number`},
		{"hexadecimal", replaced("-1e1", "0x1p3"), `"0x1p3" is no number`},
		{"comma", replaced("-1e1", "1,5"), `"1,5" is no number`},
		{"no channels", "HIERARCHY ROOT a { OFFSET 0 0 0 CHANNELS 0 } MOTION Frames: 5 Frame Time: 1", `test.bvh:1: Frames: 5, but no joint has channels`},
		{"long word", replaced("Leg", strings.Repeat("x", 5000)), `test.bvh:6: a word is longer than 4096 bytes`},
		{"cut in the hierarchy", small[:20], `the file ends, expected`},
	} {
		_, err := Read("test.bvh", strings.NewReader(c.text))
		var f *motion.FileError
		if !errors.As(err, &f) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n  %v\nexpected\n  %s", c.name, err, c.want)
		}
		if strings.Contains(c.want, "was it cut off") && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: no unexpected end in %v", c.name, err)
		}
	}
	broken := errors.New("disk on fire")
	if _, err := Read("test.bvh", io.MultiReader(strings.NewReader(small[:50]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("reading error: %v", err)
	}
	if _, err := Read("test.bvh", io.MultiReader(strings.NewReader(small), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("reading error at the end: %v", err)
	}
}

// TestEveryCut reads the file cut off after every byte: an error or, where only the
// last number is shorter, a recording.
func TestEveryCut(t *testing.T) {
	for n := range small {
		if _, err := Read("test.bvh", strings.NewReader(small[:n])); err == nil && n < strings.LastIndex(small, "-1") {
			t.Errorf("cut off after %d bytes it is a recording", n)
		}
	}
}

// chain is a file of n joints, each on the one before.
func chain(n int) string {
	var b strings.Builder
	b.WriteString("HIERARCHY\nROOT j{OFFSET 0 1 0 CHANNELS 1 Zrotation\n")
	for range n - 1 {
		b.WriteString("JOINT j{OFFSET 0 1 0 CHANNELS 0\n")
	}
	b.WriteString(strings.Repeat("}", n) + "MOTION Frames: 1 Frame Time: 1 5")
	return b.String()
}

func TestManyJoints(t *testing.T) {
	r := mustRead(t, chain(motion.MostJoints))
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	if back := mustRead(t, b.String()); !reflect.DeepEqual(back, r) {
		t.Error("a long chain is another when it is read back")
	}
	_, err := Read("test.bvh", strings.NewReader(chain(motion.MostJoints+1)))
	if err == nil || !strings.HasSuffix(err.Error(), "test.bvh:4097: more than 4095 joints and End Sites") {
		t.Errorf("4096 joints: %v", err)
	}
}

// TestClaimsTakeNoMemory reads a small file that claims millions of frames.
func TestClaimsTakeNoMemory(t *testing.T) {
	text := strings.Replace(small, "Frames: 2", "Frames: 2000000000", 1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Read("", strings.NewReader(text)); err == nil {
		t.Fatal("no error")
	}
	runtime.ReadMemStats(&after)
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 1<<20 {
		t.Errorf("%d bytes for a file of %d", bytes, len(text))
	}
}

func TestWriteRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecording(t, true)
		for k := range r.Values {
			if bits := rapid.Uint64().Draw(t, "bits"); rapid.Bool().Draw(t, "any") {
				if v := math.Float64frombits(bits); v-v == 0 {
					r.Values[k] = v
				}
			}
		}
		var b bytes.Buffer
		if err := Write(&b, r); err != nil {
			t.Fatal(err)
		}
		back, err := Read("drawn", &b)
		if err != nil {
			t.Fatal(err)
		}
		sameBits(t, r, back)
	})
}

// sameBits compares recordings to the last bit.
func sameBits(t interface{ Fatalf(string, ...any) }, a, b *Recording) {
	if len(a.Values) != len(b.Values) || a.Frames != b.Frames || math.Float64bits(a.FrameTime) != math.Float64bits(b.FrameTime) || len(a.Nodes) != len(b.Nodes) {
		t.Fatalf("%+v\n%+v", a, b)
	}
	for k := range a.Values {
		if math.Float64bits(a.Values[k]) != math.Float64bits(b.Values[k]) {
			t.Fatalf("value %d: %v, expected %v", k, b.Values[k], a.Values[k])
		}
	}
	for i := range a.Nodes {
		n, m := a.Nodes[i], b.Nodes[i]
		for k := range n.Offset {
			if math.Float64bits(n.Offset[k]) != math.Float64bits(m.Offset[k]) {
				t.Fatalf("node %d: OFFSET %v, expected %v", i, m.Offset, n.Offset)
			}
		}
		if n.Name != m.Name || n.Parent != m.Parent || n.End != m.End || fmt.Sprint(n.Channels) != fmt.Sprint(m.Channels) {
			t.Fatalf("node %d: %+v, expected %+v", i, m, n)
		}
	}
}

func TestValidate(t *testing.T) {
	for want, change := range map[string]func(r *Recording){
		"there are no joints":               func(r *Recording) { r.Nodes = nil },
		"node 1 (\"Leg\") hangs on node 7":  func(r *Recording) { r.Nodes[1].Parent = 7 },
		"hangs on an End Site":              func(r *Recording) { r.Nodes[1].End, r.Nodes[1].Channels = true, nil },
		"an End Site has no channels":       func(r *Recording) { r.Nodes[2].Channels = []Channel{Xposition} },
		"not one word":                      func(r *Recording) { r.Nodes[0].Name = "a b" },
		"unknown channel Channel(6)":        func(r *Recording) { r.Nodes[1].Channels[0] = 6 },
		"OFFSET":                            func(r *Recording) { r.Nodes[0].Offset[1] = math.NaN() },
		"14 numbers, expected 3 frames":     func(r *Recording) { r.Frames = 3 },
		"a frame takes -1":                  func(r *Recording) { r.FrameTime = -1 },
		"frame 1, joint \"Leg\": Xrotation": func(r *Recording) { r.Values[13] = math.Inf(1) },
	} {
		r := mustRead(t, small)
		change(r)
		var b bytes.Buffer
		if err := Write(&b, r); err == nil || !strings.Contains(err.Error(), want) || b.Len() > 0 {
			t.Errorf("%v\nexpected %s", err, want)
		}
	}
}

func TestFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "walk.bvh")
	r := mustRead(t, small)
	if err := WriteFile(path, r); err != nil {
		t.Fatal(err)
	}
	back, err := ReadFile(path)
	if err != nil || back.Name != "walk" {
		t.Fatal(back, err)
	}
	sameBits(t, r, back)
	if _, err := ReadFile(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := WriteFile(filepath.Join(path, "x.bvh"), r); err == nil {
		t.Error("a file below a file was written")
	}
	os.WriteFile(path, []byte("x"), 0o644)
	if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path+":1: ") {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(chain(5)))
	f.Add([]byte("\ufeffHIERARCHY ROOT a { OFFSET 0 0 0 CHANNELS 0 End Site{OFFSET 0 0 0}} ROOT b{OFFSET 0 0 0 CHANNELS 2 Zrotation Zrotation}MOTION\rFrames:1 Frame Time:1\r\n-0 1e-5"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Read("fuzz.bvh", bytes.NewReader(text))
		if err != nil {
			var e *motion.FileError
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Write(&b, r); err != nil {
			t.Fatal(err)
		}
		back, err := Read("fuzz.bvh", &b)
		if err != nil {
			t.Fatal(err)
		}
		sameBits(t, r, back)
		if len(r.Values) < 1<<12 {
			if c, err := r.Clip(ClipOptions{EndSites: true}); err == nil && c.Validate() != nil {
				t.Fatal(c.Validate())
			}
		}
	})
}
