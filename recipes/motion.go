package recipes

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/clips"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/datasets/records"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/nn"
)

// Motion says where clips of movement are, how they are made alike, and which parts of them
// are learned from. Path, Unit and the clips and shares that are held out are about clips of
// one's own (MotionFiles); data sets that have a name (MotionSet) have a Protocol.
type Motion struct {
	// Path is a folder, a zip archive of one, or a file: BVH, CSV, NumPy or safetensors.
	Path string `yaml:"path"`
	// ValClips and TestClips are patterns, with commas between them, of the clips to validate
	// and to test on: of names without ending such as clip4, or of paths such as walk/*. Where
	// either is set nothing else is held out.
	ValClips  string `yaml:"valClips"`
	TestClips string `yaml:"testClips"`
	// Protocol is the rule that cuts clips into splits; the default is the set's own, and of
	// clips of one's own random.
	Protocol clips.Protocol `yaml:"protocol"`
	// ValShare and TestShare are the shares of the clips of each folder that are held out by
	// data.seed where the protocol is random; default 0.1, and -1 holds none out.
	ValShare  float64 `yaml:"valShare"`
	TestShare float64 `yaml:"testShare"`
	// Unit is the metres of the unit of length of files that do not tell it, as BVH files do
	// not; 0 is not known, and errors are in that unit.
	Unit float64 `yaml:"unit"`
	// EndSites keeps the End Sites of BVH files as joints.
	EndSites bool `yaml:"endSites"`

	// FPS is the frame rate that all clips are brought to; 0 keeps theirs.
	FPS float64 `yaml:"fps"`
	// Place says what is moved to the origin.
	Place Placing `yaml:"place"`
	// Face turns every clip about the vertical so that the figure of its first frame faces +Z.
	Face bool `yaml:"face"`
	// Frames is the length of the windows that are learned from, whole slices or a frame more;
	// default 49. Clips are validated and tested on in full length.
	Frames int `yaml:"frames"`
	// Stride is from the beginning of a window to that of the next; default 5. The model sees
	// slices of model.sliceFrames: with a stride that is a multiple of it slices begin at some
	// frames of a clip only, and those of the whole clip may be others.
	Stride int `yaml:"stride"`
}

const (
	holdNone      = -1 // a share
	defaultShare  = 0.1
	defaultStride = 5
	mostFrameRate = 1e4
	mostWindow    = 1 << 16
	motionMetric  = "mpjpe"
	leastUnit     = 1e-9 // metres
	mostUnit      = 1e9
)

// Placing says what of a clip is moved to the origin before it is learned from.
type Placing int

// The ways. Distances within a frame stay what they are in all of them, and those between
// frames in the first and the last.
const (
	Grounded  Placing = iota // the clip as a whole: the figure begins above the origin, its lowest place is at height 0
	HipsFixed                // the hips, in every frame
	AsTheyAre                // nothing
)

var placingNames = []string{"grounded", "hips", "as-is"}

// String gives the name used in configuration files.
func (p Placing) String() string { return nearest.Name("Placing", int(p), placingNames) }

// MarshalText gives the name.
func (p Placing) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (p *Placing) UnmarshalText(text []byte) error {
	i, err := nearest.Index("place", string(text), placingNames)
	*p = Placing(i)
	return err
}

// motionDomain is learning to make movement into tokens.
type motionDomain struct{}

var _ domain = motionDomain{}

func (motionDomain) items(DataKind) string { return "clips" }

func (motionDomain) title(d *Data) string {
	switch {
	case d.Kind == MotionSet:
		return d.Name
	case d.Motion.Path == "":
		return "clips of one's own"
	}
	return filepath.Base(d.Motion.Path)
}

func (motionDomain) foreign(d *Data, key string) string {
	switch key {
	case "files", "neighbours", "standardise":
		return "it is about graphs, and data.kind asks for clips: leave it out"
	case "questions", "table":
		return "it is about tables, and data.kind asks for clips: leave it out"
	case "images":
		return "it is about images, and data.kind asks for clips: leave it out"
	case "protocol":
		return "clips are split by data.motion.protocol: set that"
	case "fold":
		return "sets of clips have no folds: leave it out"
	case "name":
		if d.Kind == MotionFiles {
			return "it is about data sets that have a name: set data.kind to motion-set, or leave it out"
		}
	}
	return ""
}

func (motionDomain) settle(d *Data) {
	d.Files, d.Neighbours, d.Standardise, d.Protocol, d.Fold = files.Options{}, Neighbours{}, false, datasets.DefaultProtocol, 0
	d.Questions, d.Table, d.Images = Questions{}, records.Options{}, Images{}
	m := &d.Motion
	for _, share := range []*float64{&m.ValShare, &m.TestShare} {
		if *share == 0 {
			*share = defaultShare
		}
	}
	if m.Frames == 0 {
		m.Frames = defaultWindow
	}
	if m.Stride == 0 {
		m.Stride = defaultStride
	}
	if d.Kind == MotionFiles {
		d.Name = ""
	}
}

func (motionDomain) check(r *Recipe) *SettingError {
	m := &r.Data.Motion
	if bad := m.checkOrigin(&r.Data); bad != nil {
		return bad
	}
	for _, share := range []struct {
		path  string
		value float64
	}{{"data.motion.valShare", m.ValShare}, {"data.motion.testShare", m.TestShare}} {
		if !(share.value == holdNone || share.value > 0 && share.value < 1) {
			return setting(share.path, "%v: want a share of the clips between 0 and 1, or -1 for none", share.value)
		}
	}
	config := r.Model.FourDMoT.WithDefaults()
	switch {
	case max(m.ValShare, 0)+max(m.TestShare, 0) >= 1:
		return setting("data.motion.testShare", "%v, beside data.motion.valShare %v, leaves nothing to train on", m.TestShare, m.ValShare)
	case !(m.FPS >= 0 && m.FPS <= mostFrameRate):
		return setting("data.motion.fps", "%v: want frames a second, at most %v, or 0 for those of the clips", m.FPS, mostFrameRate)
	case m.Frames < 1 || m.Frames > mostWindow:
		return setting("data.motion.frames", "%d: want 1 to %d", m.Frames, mostWindow)
	case m.Stride < 1 || m.Stride > mostWindow:
		return setting("data.motion.stride", "%d: want 1 to %d frames", m.Stride, mostWindow)
	case config.Validate() == nil && config.PaddedFrames(m.Frames) != m.Frames:
		return setting("data.motion.frames", "%d: want whole slices of model.sliceFrames %d, or a frame more: %d for one", m.Frames, config.SliceFrames, config.PaddedFrames(m.Frames))
	}
	return nil
}

// checkOrigin looks at what says which clips there are.
func (m *Motion) checkOrigin(d *Data) *SettingError {
	for _, f := range []struct{ path, patterns string }{{"data.motion.valClips", m.ValClips}, {"data.motion.testClips", m.TestClips}} {
		for _, p := range patterns(f.patterns) {
			if _, err := path.Match(p, ""); err != nil {
				return setting(f.path, "%q is no pattern: * stands for any text, ? for one character, [a-c] for a choice", p)
			}
		}
	}
	if d.Kind == MotionFiles {
		switch {
		case m.Path == "":
			return setting("data.motion.path", "no clips: name a folder, a zip archive or a file of them")
		case m.Unit != 0 && !(m.Unit >= leastUnit && m.Unit <= mostUnit):
			return setting("data.motion.unit", "%v: want the metres of the unit of length, such as 0.01 for centimetres, or 0 where nobody knows", m.Unit)
		}
		return nil
	}
	if d.Name == "" {
		return setting("data.name", "no data set: choose one of %s", strings.Join(clips.Names(), ", "))
	}
	info, err := clips.Describe(d.Name)
	if err != nil {
		return setting("data.name", "%s", strings.TrimPrefix(err.Error(), "datasets: "))
	}
	if m.Path != "" || m.Unit != 0 {
		return setting("data.motion.path", "path and unit are about clips of one's own: set data.kind to motion, or leave them out")
	}
	if m.Protocol != clips.DefaultProtocol && !slices.Contains(info.Protocols, m.Protocol) {
		return setting("data.motion.protocol", "%v: %s has %v", m.Protocol, info.Name, info.Protocols)
	}
	return nil
}

// patterns takes a list with commas apart.
func patterns(list string) []string {
	var all []string
	for p := range strings.SplitSeq(list, ",") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// checkTask looks at loss and metric, both of which may be left out.
func (motionDomain) checkTask(r *Recipe) *SettingError {
	switch l1 := (nn.L1{}).Name(); {
	case r.Loss != "" && r.Loss != l1:
		return setting("loss", "%s does not fit places of joints: want %s", r.Loss, l1)
	case r.Metric != "" && r.Metric != motionMetric:
		return setting("metric", "%s does not measure how clips come back from their tokens: want %s", r.Metric, motionMetric)
	}
	return nil
}

func (motionDomain) load(ctx context.Context, r Recipe, dir string, kept []byte) (loaded, error) {
	return r.loadMotion(ctx, dir, kept)
}

func (motionDomain) build(r Recipe, kept []byte) (nn.Model, error) {
	s, err := parseMotionSchema(kept)
	if err != nil {
		return nil, err
	}
	return newTokenizer(&r, s)
}

func (motionDomain) open(t *Trained, kept []byte) (err error) {
	if kept == nil {
		return errNoSchema
	}
	t.Motion, err = parseMotionSchema(kept)
	return err
}
