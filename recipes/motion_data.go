package recipes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/clips"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/reconstruction"
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// motionData is the clips of a recipe.
type motionData struct {
	recipe Recipe // with what the data decides
	schema *MotionSchema
	clips  [3][]*motion.Clip // of the splits, prepared
	rule   string            // that cut them
	notes  []string
}

var _ loaded = (*motionData)(nil)

// loadMotion reads all clips and prepares them.
func (r Recipe) loadMotion(ctx context.Context, dir string, kept []byte) (loaded, error) {
	d := &motionData{recipe: r}
	var err error
	if kept != nil {
		if d.schema, err = parseMotionSchema(kept); err != nil {
			return nil, err
		}
	}
	set, done, err := r.openMotion(dir)
	if err != nil {
		return nil, err
	}
	defer done() // all clips are read by then
	parts, err := d.parts(set)
	if err != nil {
		return nil, err
	}
	limit := r.Data.limit()
	for s, list := range [3][]int{parts.Train, parts.Val, parts.Test} {
		if most := [3]int{limit.Train, limit.Val, limit.Test}[s]; most > 0 {
			list = list[:min(most, len(list))]
		}
		for _, i := range list {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := d.read(set, i, s); err != nil {
				return nil, err
			}
		}
	}
	if err := d.settle(kept == nil); err != nil {
		return nil, err
	}
	return d, nil
}

// openMotion lists the clips, which done closes.
func (r Recipe) openMotion(dir string) (set *clips.Set, done func(), err error) {
	m := r.Data.Motion
	o := clips.Options{EndSites: m.EndSites}
	if r.Data.Kind == MotionSet {
		set, closer, err := clips.Load(r.Data.Name, dir, o)
		if err != nil {
			return nil, nil, err
		}
		return set, func() { closer.Close() }, nil
	}
	at, only := m.Path, ""
	if !filepath.IsAbs(at) {
		at = filepath.Join(dir, at)
	}
	if isFile(at) && !strings.EqualFold(filepath.Ext(at), ".zip") {
		at, only = filepath.Split(at)
	}
	files, closer, err := clips.Open(filepath.Clean(at))
	if err != nil {
		return nil, nil, err
	}
	if set, err = clips.Folder(r.Data.Title(), files, o); err != nil {
		closer.Close()
		return nil, nil, err
	}
	if only != "" {
		if set = set.Keep(func(i clips.Item) bool { return i.Path == only }); set.Len() == 0 {
			return nil, nil, &motion.FileError{File: filepath.Join(at, only), Reason: "it is no clip", Hint: "want BVH, CSV, NumPy or safetensors, or a folder of them"}
		}
	}
	return set, func() { closer.Close() }, nil
}

// parts cuts the clips into splits.
func (d *motionData) parts(set *clips.Set) (clips.Parts, error) {
	m := d.recipe.Data.Motion
	if m.ValClips != "" || m.TestClips != "" {
		d.rule = "clips that are named"
		return namedParts(set, m)
	}
	protocol := m.Protocol
	if d.recipe.Data.Kind == MotionSet {
		info, err := clips.Describe(d.recipe.Data.Name)
		if err == nil {
			protocol, err = info.Protocol(protocol)
		}
		if err != nil {
			return clips.Parts{}, err
		}
		d.rule = info.SplitRule
	}
	if protocol == clips.DefaultProtocol {
		protocol = clips.RandomSplit
	}
	if d.rule == "" || protocol == clips.RandomSplit {
		d.rule = fmt.Sprintf("%v, by seed %d", protocol, d.recipe.Data.Seed)
	}
	val, test := max(m.ValShare, 0), max(m.TestShare, 0)
	if protocol == clips.RandomSplit && val+test == 0 {
		var p clips.Parts
		for i := range set.Len() {
			p.Train = append(p.Train, i)
		}
		return p, nil
	}
	return set.Parts(protocol, clips.SplitOptions{Val: val, Test: test, Seed: d.recipe.Data.Seed}), nil
}

// namedParts holds the clips out that patterns name. A pattern that names none is a mistake.
func namedParts(set *clips.Set, m Motion) (p clips.Parts, err error) {
	val, test := patterns(m.ValClips), patterns(m.TestClips)
	found := map[string]bool{}
	named := func(of []string, file string) bool {
		stem := strings.TrimSuffix(file, ".gz")
		stem = strings.TrimSuffix(stem, path.Ext(stem))
		hit := false
		for _, pattern := range of {
			for _, name := range []string{file, stem, path.Base(stem)} {
				if ok, _ := path.Match(pattern, name); ok {
					hit, found[pattern] = true, true
				}
			}
		}
		return hit
	}
	for i := range set.Items {
		file := set.Items[i].Path
		isVal, isTest := named(val, file), named(test, file)
		switch {
		case isVal && isTest:
			return p, setting("data.motion.valClips", "the clip %s is named in data.motion.testClips too: take it out of one", file)
		case isVal:
			p.Val = append(p.Val, i)
		case isTest:
			p.Test = append(p.Test, i)
		default:
			p.Train = append(p.Train, i)
		}
	}
	for k, list := range [][]string{val, test} {
		for _, pattern := range list {
			if !found[pattern] {
				return p, setting([]string{"data.motion.valClips", "data.motion.testClips"}[k], "no clip of %s is called %q; the first is %s", set.Name, pattern, set.Items[0].Path)
			}
		}
	}
	return p, nil
}

// read reads and prepares a clip for a split.
func (d *motionData) read(set *clips.Set, i, split int) error {
	c, err := set.Load(i)
	if err != nil {
		return err
	}
	if c.Unit == 0 {
		c.Unit = d.recipe.Data.Motion.Unit
	}
	if d.schema != nil {
		if c.Joints() != len(d.schema.Joints) {
			return ofFile(set.Items[i].Path, d.schema.unlike(c))
		}
		if c, err = d.schema.adopt(c); err != nil {
			return ofFile(set.Items[i].Path, err)
		}
	}
	if c, err = d.recipe.Data.Motion.prepare(c); err != nil {
		return ofFile(set.Items[i].Path, err)
	}
	if d.schema == nil {
		d.schema = motionSchemaOf(c)
	}
	if d.schema.FPS != c.FPS {
		return setting("data.motion.fps", "%s has %.4g frames a second, and clips before it have %.4g: set a rate for all", set.Items[i].Path, c.FPS, d.schema.FPS)
	}
	if d.schema.Unit != c.Unit {
		return fmt.Errorf("recipes: %s: its unit of length is %g metres, and that of other clips is %g (0 is not known): bring all clips to one unit", set.Items[i].Path, c.Unit, d.schema.Unit)
	}
	if d.schema.Camera != (c.Axes == motion.CameraAxes) {
		return fmt.Errorf("recipes: %s: it is in %v axes, and other clips are not: set data.motion.place to %v, which brings all to one", set.Items[i].Path, c.Axes, Grounded)
	}
	if c.Frames() > 0 {
		d.clips[split] = append(d.clips[split], c)
		return nil
	}
	d.notes = append(d.notes, set.Items[i].Path+": the clip has no frames: it is left out")
	return nil
}

// ofFile has the error of a clip name its file.
func ofFile(path string, err error) error {
	if bad := (*motion.ClipError)(nil); errors.As(err, &bad) {
		named := *bad
		named.Clip = path
		return &named
	}
	return err
}

// prepare makes a clip like the others.
func (m Motion) prepare(c *motion.Clip) (*motion.Clip, error) {
	var p motion.Preparation
	switch m.Place {
	case Grounded:
		p = reconstruction.Grounded()
	case HipsFixed:
		p.Centre = motion.CentreHips
	default:
		if m.FPS == 0 && !m.Face {
			return c, c.Validate() // in its own axes
		}
	}
	p.FPS, p.Face = m.FPS, m.Face
	return p.Apply(c)
}

// settle looks at all clips together; fresh tells that their names are to be kept.
func (d *motionData) settle(fresh bool) error {
	m, r := d.recipe.Data.Motion, &d.recipe
	longest, short := 0, 0
	for _, c := range d.clips[datasets.Train] {
		if longest = max(longest, c.Frames()); c.Frames() < m.Frames {
			short++
		}
	}
	switch n := len(d.clips[datasets.Train]); {
	case n == 0:
		return fmt.Errorf("recipes: %s: there are no training clips: hold fewer out", r.Data.Title())
	case longest < m.Frames:
		return setting("data.motion.frames", "%d: the longest training clip of %s has %d frames: want shorter windows, such as %d", m.Frames, r.Data.Title(), longest, r.Model.FourDMoT.SliceFrames)
	case short > 0:
		d.notes = append(d.notes, fmt.Sprintf("%d of %d training clips are shorter than a window of %d frames and are not learned from", short, n, m.Frames))
	}
	if fresh {
		for s, names := range [3]*[]string{&d.schema.Train, &d.schema.Val, &d.schema.Test} {
			for _, c := range d.clips[s] {
				*names = append(*names, c.Name)
			}
		}
	}
	if r.Loss == "" {
		r.Loss = nn.L1{}.Name()
	}
	if r.Metric == "" {
		r.Metric = motionMetric
	}
	return nil
}

func (d *motionData) settled() Recipe { return d.recipe }

func (d *motionData) tell(p *Plan) {
	p.Motion, p.Notes = d.schema, d.notes
	var counts []string
	for s, list := range d.clips {
		if len(list) == 0 {
			continue
		}
		windows := ""
		if datasets.Split(s) == datasets.Train {
			windows = fmt.Sprintf(", in %d windows of %d", p.Task.Train.Len(), d.recipe.Data.Motion.Frames)
		}
		counts = append(counts, fmt.Sprintf("%d %v (%d frames%s)", len(list), datasets.Split(s), framesOf(list), windows))
	}
	p.Facts = []Fact{{"clips", strings.Join(counts, ", ")}, {"each", d.schema.String()}, {"split", d.rule}}
}

// framesOf adds the frames of clips up.
func framesOf(list []*motion.Clip) (n int) {
	for _, c := range list {
		n += c.Frames()
	}
	return n
}

func (d *motionData) keep() ([]byte, error) { return d.schema.Marshal() }

// build makes the model, standardised by the training clips.
func (d *motionData) build() (nn.Model, error) {
	m, err := newTokenizer(&d.recipe, d.schema)
	if err != nil {
		return nil, err
	}
	return m, m.SetMoments(tokenizer.MomentsOf(d.clips[datasets.Train], m.Config.Reference, d.recipe.Data.Motion.Frames))
}

// task puts the data together with a model.
func (d *motionData) task(model nn.Model) (train.Task, error) {
	m, ok := model.(*tokenizer.Model)
	if !ok {
		return train.Task{}, fmt.Errorf("recipes: the model does not fit the data: it is a %T, and clips want a *tokenizer.Model", model)
	}
	metric, err := reconstruction.MPJPEOf(m, d.clips[datasets.Train])
	if err != nil {
		return train.Task{}, fmt.Errorf("recipes: %w", err)
	}
	task := train.Task{Model: m, Loss: nn.L1{}, Metric: metric}
	for s, to := range [3]*train.Data{&task.Train, &task.Val, &task.Test} {
		if len(d.clips[s]) == 0 {
			continue
		}
		o := tokenizer.DataOptions{Frames: d.recipe.Data.Motion.Frames, Stride: d.recipe.Data.Motion.Stride, Whole: datasets.Split(s) != datasets.Train}
		data, err := tokenizer.NewData(m, d.clips[s], o)
		if err != nil {
			return train.Task{}, fmt.Errorf("recipes: split %v: %w", datasets.Split(s), err)
		}
		*to = data
	}
	return task, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
