package recipes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/open"
	"github.com/graft-ml/graft/train"
)

// waving is a clip of a figure of four joints far from the origin, that waves.
func waving(name string, frames int, phase float64) *motion.Clip {
	c := &motion.Clip{Name: name, FPS: 30, Unit: 0.01, Skeleton: &motion.Skeleton{Joints: []string{"hips", "head", "l_arm", "l_hand"}, Parents: []int{-1, 0, 1, 2}}}
	for f := range frames {
		s, cs := math.Sincos(phase + 0.3*float64(f))
		for _, v := range []float64{500 + float64(f), 90, 40, 500 + float64(f), 160, 40, 520 + float64(f), 140 + 5*s, 40, 530 + float64(f) + 5*cs, 150 + 20*s, 40 + 10*cs} {
			c.Positions = append(c.Positions, float32(v))
		}
	}
	return c
}

// writeClips saves clips of so many frames each as CSV files a, b, c and so on.
func writeClips(t testing.TB, dir string, frames ...int) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for k, n := range frames {
		saveClip(t, filepath.Join(dir, string(rune('a'+k))+".csv"), waving("", n, float64(k)))
	}
}

func saveClip(t testing.TB, path string, c *motion.Clip) {
	t.Helper()
	if err := open.Save(path, c); err != nil {
		t.Fatal(err)
	}
}

// tinyMotion are settings of a tokenizer that is soon trained.
var tinyMotion = []string{"model.widths=8,8", "model.groups=4", "model.codeWidth=8", "model.codes=16", "data.motion.frames=17", "data.motion.stride=8", "schedule.warmup=0", "train.epochs=2",
	"data.motion.path=clips", "data.motion.testClips=c"}

// TestMotionRun trains on a folder, opens the run, evaluates, and makes clips into tokens and back.
func TestMotionRun(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	writeClips(t, filepath.Join(dir, "clips"), 40, 12, 30)
	p, err := withSettings(t, "clips-4dmot", tinyMotion...).Plan(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	want := &MotionSchema{Version: 1, Joints: []string{"hips", "head", "l_arm", "l_hand"}, Parents: []int{-1, 0, 1, 2}, FPS: 30, Unit: 0.01, Train: []string{"a", "b"}, Test: []string{"c"}}
	if !reflect.DeepEqual(p.Motion, want) {
		t.Errorf("schema %+v", p.Motion)
	}
	if p.Task.Train.Len() != 3 || p.Task.Val != nil || p.Task.Test.Len() != 1 || p.Task.Metric.Name() != "mpjpe mm" {
		t.Errorf("task %d, %v, %d, %s", p.Task.Train.Len(), p.Task.Val, p.Task.Test.Len(), p.Task.Metric.Name())
	}
	if want := []string{"1 of 2 training clips are shorter than a window of 17 frames and are not learned from"}; !reflect.DeepEqual(p.Notes, want) {
		t.Errorf("notes %q", p.Notes)
	}
	m, err := p.Memory(ctx)
	if err != nil || m.Bytes < 1<<20 || m.Batch.Nodes != 3*17 && m.Batch.Nodes != 33 {
		t.Errorf("memory %+v, %v", m, err)
	}
	if err := m.Check(1); err == nil || !strings.Contains(err.Error(), "make windows shorter (data.motion.frames)") {
		t.Errorf("a byte: %v", err)
	}
	p.Options.Dir = filepath.Join(dir, "run")
	result, err := train.Fit(ctx, p.Task, p.Options)
	if err != nil {
		t.Fatal(err)
	}
	trained, err := Open(p.Options.Dir, "best")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(trained.Recipe, p.Recipe) || !reflect.DeepEqual(trained.Motion, want) {
		t.Errorf("opened %+v, %+v", trained.Recipe, trained.Motion)
	}
	again, err := trained.Plan(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := train.Evaluate(ctx, trained.Model, again.Task.Test, again.Task.Loss, []train.Metric{again.Task.Metric}, 1)
	if err != nil || math.Float64bits(scores.Value("loss")) != math.Float64bits(result.Test.Value("loss")) {
		t.Errorf("%v, %v after training, %v", scores, result.Test, err)
	}
	r, err := trained.Reconstruct(again, datasets.Test)
	if err != nil || len(r.Rows) != 1 || r.Rows[0].Clip != "c" || math.Abs(r.Rows[0].MPJPE-scores.Value("mpjpe mm")) > 1e-3*r.Rows[0].MPJPE {
		t.Errorf("report %+v of %v, %v", r, scores, err)
	}
	if all := r.All(); all.MPJPE != r.Rows[0].MPJPE || all.Held != r.Rows[0].Held || all.Frames != 30 {
		t.Errorf("all clips %+v", all)
	}
	readClips(t, trained, filepath.Join(dir, "clips", "c.csv"))
}

// readClips reads clips as a run wants them: with more joints in another order, in another unit, at another rate.
func readClips(t *testing.T, trained *Trained, path string) {
	dir := t.TempDir()
	c, err := trained.ReadClip(path)
	if err != nil || c.At(0, 0) != [3]float32{0, 0, 0} { // its hips are the lowest joint
		t.Fatalf("%v, %v", c, err)
	}
	other, of := &motion.Clip{FPS: 60, Unit: 0.001, Skeleton: &motion.Skeleton{Joints: []string{"tail", "hips", "l_arm", "l_hand", "head"}, Parents: []int{-1, -1, 1, 2, 1}}}, waving("", 60, 2)
	for f := range of.Frames() {
		other.Positions = append(other.Positions, 0, 2000, 0)
		for _, j := range []int{0, 2, 3, 1} {
			for _, v := range of.At(f, j) {
				other.Positions = append(other.Positions, 10*v)
			}
		}
	}
	file := filepath.Join(dir, "other.safetensors")
	saveClip(t, file, other)
	c, err = trained.ReadClip(file)
	if err != nil || c.Frames() != 30 || c.Joints() != 4 || c.Unit != 0.01 || math.Abs(c.BoneLengths()[1]-70) > 1e-3 {
		t.Errorf("%v, %v", c, err)
	}
	m, err := trained.Tokenizer()
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := m.Encode(c)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := m.Decode(tokens); err != nil || back.Frames() != 30 || back.FPS != 30 {
		t.Errorf("%v, %v", back, err)
	}
	for want, bad := range map[string]*motion.Clip{
		`it has 2 joints, and the model reads 4: hips, head, l_arm, l_hand; take clips of one skeleton`: waving("", 9, 0).Select([]int{0, 1}),
		`it has no frames`: waving("", 0, 0),
	} {
		saveClip(t, file, bad)
		if _, err := trained.ReadClip(file); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "other.safetensors") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	renamed := waving("", 9, 0)
	renamed.Skeleton.Joints[3] = "l_paw"
	saveClip(t, file, renamed)
	if _, err := trained.ReadClip(file); err == nil || !strings.Contains(err.Error(), `it has no joint "l_hand", which the model reads; it has hips, head, l_arm, l_paw`) {
		t.Errorf("another joint: %v", err)
	}
	saveClip(t, file, waving("", 1, 0))
	if c, err := trained.ReadClip(file); err != nil || c.Frames() != 1 {
		t.Errorf("a frame: %v", err)
	} else if tokens, err := m.Encode(c); err != nil || tokens.Frames != 1 {
		t.Errorf("a frame: %v", err)
	}
}

// TestMotionResume: a run that is cut short ends with the same bits, its codebook too.
func TestMotionResume(t *testing.T) {
	dir := t.TempDir()
	writeClips(t, filepath.Join(dir, "clips"), 60, 50, 30)
	r := withSettings(t, "clips-4dmot", append(tinyMotion, "train.batchSize=2", "data.motion.stride=4", "model.resetEvery=3", "model.reference=first-frame")...)
	var results [2]*train.Result
	for k, step := range []int{0, 13} {
		p, err := r.Plan(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		p.Options.Dir = filepath.Join(dir, fmt.Sprint("run", k))
		ctx := context.Background()
		if step > 0 {
			ctx, p.Options.Hooks = interruptedAt(step)
		}
		results[k], err = train.Fit(ctx, p.Task, p.Options)
		if step == 0 {
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		if !errors.Is(err, train.ErrInterrupted) {
			t.Fatal(err)
		}
		kept, err := OpenSchema(p.Options.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if p, err = r.Replan(context.Background(), dir, kept); err != nil {
			t.Fatal(err)
		}
		if results[k], err = train.Resume(context.Background(), p.Task, p.Options, filepath.Join(dir, "run1")); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := results[0].Test.Value("loss"), results[1].Test.Value("loss"); math.Float64bits(a) != math.Float64bits(b) {
		t.Errorf("a loss of %v, resumed of %v", a, b)
	}
	one, err := os.ReadFile(filepath.Join(dir, "run0", train.BestName))
	if err != nil {
		t.Fatal(err)
	}
	if two, err := os.ReadFile(filepath.Join(dir, "run1", train.BestName)); err != nil || string(one) != string(two) {
		t.Errorf("the weights differ: %v", err)
	}
}

// TestMotionSplits: who is learned from and who is held out.
func TestMotionSplits(t *testing.T) {
	dir := t.TempDir()
	writeClips(t, filepath.Join(dir, "clips"), 20, 20, 20, 20, 20)
	saveClip(t, filepath.Join(dir, "one.csv"), waving("", 20, 0))
	for settings, want := range map[string]string{
		"data.motion.testClips=": "3 1 1", "data.motion.protocol=last data.motion.testClips=": "4 0 1",
		"data.motion.testClips=[ab]": "3 0 2", "data.motion.testClips=a.csv data.motion.valClips=b,c": "2 2 1",
		"data.motion.testClips= data.motion.valShare=-1 data.motion.testShare=-1":  "5 0 0",
		"data.motion.testClips= data.motion.valShare=-1 data.motion.testShare=0.4": "3 0 2",
		"data.motion.testClips= data.train=2":                                      "2 1 1",
		"data.motion.testClips= data.motion.path=one.csv":                          "1 0 0",
	} {
		p, err := withSettings(t, "clips-4dmot", append(tinyMotion, strings.Fields(settings)...)...).Plan(context.Background(), dir)
		if err != nil {
			t.Errorf("%s: %v", settings, err)
			continue
		}
		if got := fmt.Sprint(len(p.Motion.Train), len(p.Motion.Val), len(p.Motion.Test)); got != want {
			t.Errorf("%s: %s clips, want %s", settings, got, want)
		}
	}
}

// TestMotionErrors: what is wrong with settings, and with clips.
func TestMotionErrors(t *testing.T) {
	dir := t.TempDir()
	writeClips(t, filepath.Join(dir, "clips"), 20, 20, 20)
	for name, change := range map[string]func(c *motion.Clip){
		"rates": func(c *motion.Clip) { c.FPS = 60 }, "units": func(c *motion.Clip) { c.Unit = 0 }, "axes": func(c *motion.Clip) { c.Axes = motion.CameraAxes },
		"norate": func(c *motion.Clip) { c.FPS = 0 }, "joints": func(c *motion.Clip) { *c = *c.Select([]int{0, 1, 2}) },
	} {
		writeClips(t, filepath.Join(dir, name), 20)
		c := waving("", 20, 1)
		change(c)
		saveClip(t, filepath.Join(dir, name, "b.csv"), c)
	}
	writeClips(t, filepath.Join(dir, "broken"), 20)
	if err := os.WriteFile(filepath.Join(dir, "broken", "b.bvh"), []byte("HIERARCHY ROOT a { OFFSET 0 0 0 CHANNELS 1 Xrot }"), 0o666); err != nil {
		t.Fatal(err)
	}
	b := "data.motion.testClips=b"
	for _, test := range []struct{ settings, want string }{
		{"data.motion.path=none", "none"},
		{b + " data.motion.path=broken", "b.bvh:1: "},
		{b + " data.motion.path=rates", "recipes: data.motion.fps: b.csv has 60 frames a second, and clips before it have 30: set a rate for all"},
		{b + " data.motion.path=norate data.motion.fps=20", `clip "b.csv": `},
		{b + " data.motion.path=units", "b.csv: its unit of length is 0 metres"},
		{b + " data.motion.path=axes data.motion.place=as-is", "b.csv: it is in camera axes"},
		{b + " data.motion.path=joints", `clip "b.csv": it has 3 joints, and the model reads 4`},
		{"data.motion.testClips=x*", `recipes: data.motion.testClips: no clip of clips is called "x*"; the first is a.csv`},
		{"data.motion.testClips=[", `recipes: data.motion.testClips: "[" is no pattern`},
		{"data.motion.valClips=c", "is named in data.motion.testClips too"},
		{"data.motion.testClips=*", "there are no training clips"},
		{"data.motion.frames=20", "recipes: data.motion.frames: 20: want whole slices of model.sliceFrames 8, or a frame more: 24 for one"},
		{"data.motion.frames=49", "recipes: data.motion.frames: 49: the longest training clip of clips has 20 frames"},
		{"data.motion.stride=-1", "recipes: data.motion.stride: -1"},
		{"data.motion.fps=-1", "recipes: data.motion.fps: -1"},
		{"data.motion.valShare=2", "recipes: data.motion.valShare: 2"},
		{"data.motion.valShare=0.6 data.motion.testShare=0.6", "leaves nothing to train on"},
		{"model.joints=5", "recipes: model.joints: 5: the clips have 4 joints; leave it out"},
		{"model.jointStrides=3,1", "recipes: model: JointStrides[0] is 3: want a divisor of the 4 joints"},
		{"model.groups=5", "recipes: model: Groups 5 do not divide Widths[0], 8"},
		{"loss=mse", "recipes: loss: mse does not fit places of joints: want l1"},
		{"metric=mae", "recipes: metric: mae does not measure how clips come back from their tokens: want mpjpe"},
	} {
		r := withSettings(t, "clips-4dmot", append(tinyMotion, strings.Fields(test.settings)...)...)
		if _, err := r.Plan(context.Background(), dir); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v:\n got %v\nwant %s", test.settings, err, test.want)
		}
	}
	for _, test := range []struct{ path, value, want string }{
		{"data.images.path", "x", "data.kind is motion-set: it is about images"},
		{"data.protocol", "random", "clips are split by data.motion.protocol: set that"},
		{"model.widths", "8x8", "want two whole numbers with a comma between them"},
		{"model.reset", "lastin", `did you mean "lasting"?`},
		{"data.motion.place", "ground", `did you mean "grounded"?`},
		{"model.kind", "vit", ""},
	} {
		r := Motion4DMoT()
		err := r.Set(test.path, test.value)
		if test.want == "" {
			err = r.Validate()
			test.want = "model.kind: vit does not read clips, which data.kind motion-set asks for: want 4dmot"
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.path, err, test.want)
		}
	}
	if r := withSettings(t, "motion-4dmot", "data.name=mtvcrafter-clip"); r.Validate() == nil {
		t.Error("an unknown set was accepted")
	}
}

func FuzzMotionSchema(f *testing.F) {
	f.Add([]byte(`{"version":1,"joints":["a","b"],"parents":[-1,0],"fps":30,"unit":0.01,"train":["x"]}`))
	f.Add([]byte(`{"version":1,"joints":["a"],"parents":[0]}`))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseMotionSchema(text)
		if err != nil {
			return
		}
		back, err := s.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parseMotionSchema(back); err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("read back as %+v, %v", again, err)
		}
	})
}
