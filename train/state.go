package train

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train/checkpoint"
)

// The names of tensors in a checkpoint, beside those of the optimiser, which begin with optimPrefix.
const (
	modelPrefix = "model." // parameters and buffers: model.<path>
	optimPrefix = "optim."
	beginPrefix = "begin." // model and optimiser when the epoch began, in runs that may roll back to it
	meterPrefix = "train.meter."
	lossesName  = "train.losses"
	normsName   = "train.norms"
)

// The keys of a checkpoint's metadata.
const (
	kindKey     = "kind" // lastKind or bestKind
	configKey   = "config"
	schemaKey   = "schema"
	optionsKey  = "options"  // what decides the bits of the run: see fingerprint
	progressKey = "progress" // of a last checkpoint
	summaryKey  = "summary"  // of a best checkpoint
	levelKey    = "simd"

	lastKind = "last"
	bestKind = "best"
)

// progress is where a run is, between two steps, as far as plain numbers tell it.
type progress struct {
	Epoch     int    `json:"epoch"` // epochs done
	Batch     int    `json:"batch"` // batches done of the epoch at hand
	Step      int    `json:"step"`  // steps done of the run
	BestEpoch int    `json:"bestEpoch"`
	BestTrain Scores `json:"bestTrain"`
	BestVal   Scores `json:"bestVal"`
	Bad       []int  `json:"bad"` // the last steps, counted from 0, that were left out
	Seconds   number `json:"seconds"`

	// Of the epoch at hand:
	Items        int       `json:"items"`
	Skipped      int       `json:"skipped"`
	Loss         number    `json:"loss"`  // see tally
	Targets      number    `json:"count"` // see tally
	Parts        []partSum `json:"lossParts,omitempty"`
	NormSum      number    `json:"normSum"`
	NormMax      number    `json:"normMax"`
	Norms        int       `json:"norms"`
	TrainSeconds number    `json:"trainSeconds"`
	EpochSeconds number    `json:"epochSeconds"`
}

// nextEpoch ends the epoch at hand.
func (p *progress) nextEpoch() {
	*p = progress{
		Epoch: p.Epoch + 1, Step: p.Step, BestEpoch: p.BestEpoch, BestTrain: p.BestTrain, BestVal: p.BestVal,
		Bad: p.Bad, Seconds: p.Seconds,
	}
}

// check tells whether this can be the progress of a run.
func (p *progress) check(epochs, steps int) error {
	if p.Epoch < 0 || p.Epoch > epochs || p.Batch < 0 || p.Batch > steps || p.Batch > 0 && p.Epoch == epochs ||
		p.Step != p.Epoch*steps+p.Batch || p.BestEpoch < 0 || p.BestEpoch > p.Epoch {
		return fmt.Errorf("its place (epoch %d, batch %d, step %d, best epoch %d) is none of a run of %d epochs of %d steps",
			p.Epoch, p.Batch, p.Step, p.BestEpoch, epochs, steps)
	}
	return nil
}

// setting is an option, or a property of the task, that decides the bits of a run.
type setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// fingerprint lists what must not change when a run is resumed.
func (r *run) fingerprint() []setting {
	o, t := &r.opt, &r.task
	var metrics []string
	for _, m := range t.metrics() {
		metrics = append(metrics, m.Name())
	}
	list := []setting{
		{"Epochs", strconv.Itoa(o.Epochs)},
		{"BatchSize", strconv.Itoa(o.BatchSize)},
		{"EvalBatchSize", strconv.Itoa(o.EvalBatchSize)},
		{"LR", exact(o.LR)},
		{"Beta1", exact(o.Beta1)},
		{"Beta2", exact(o.Beta2)},
		{"Eps", exact(o.Eps)},
		{"WeightDecay", exact(o.WeightDecay)},
		{"Clip", exact(o.Clip)},
		{"Seed", strconv.FormatUint(o.Seed, 10)},
		{"Schedule", scheduleText(o)},
		{"Loss", t.Loss.Name()},
		{"Metrics", strings.Join(metrics, ", ")},
	}
	for _, s := range t.splits() {
		n := 0
		if s.data != nil {
			n = s.data.Len()
		}
		list = append(list, setting{"items of the " + s.name + " split", strconv.Itoa(n)})
	}
	return list
}

// exact prints a number so that different numbers differ.
func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// scheduleText stands for a schedule by what it does: the factors of all epochs.
func scheduleText(o *Options) string {
	h := uint64(14695981039346656037) // FNV-1a over the bits of the factors
	for e := 0; e < o.Epochs; e++ {
		for b, shift := math.Float64bits(o.factor(e, 0, 1)), 0; shift < 64; shift += 8 {
			h = (h ^ b>>shift&0xff) * 1099511628211
		}
	}
	text := fmt.Sprintf("%T with factors of hash %016x", o.Schedule, h)
	if o.EveryStep {
		text += ", every step"
	}
	return text
}

// differences compares two lists of settings in words.
func differences(was, now []setting) []string {
	before := map[string]string{}
	for _, s := range was {
		before[s.Name] = s.Value
	}
	var out []string
	for _, s := range now {
		old, ok := before[s.Name]
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("%s is now %s and was not recorded", s.Name, s.Value))
		case old != s.Value:
			out = append(out, fmt.Sprintf("%s was %s and is now %s", s.Name, old, s.Value))
		}
	}
	return out
}

// saveFirst writes what a new run begins with: from here on it can be resumed.
func (r *run) saveFirst() error {
	err := r.folder.writeText(ConfigName, r.opt.Config)
	if err == nil {
		err = r.folder.writeText(SchemaName, r.opt.Schema)
	}
	if err != nil {
		return unwritable(r.opt.Dir, err)
	}
	return r.save()
}

// save writes the state between two steps as the newest checkpoint.
func (r *run) save() error {
	r.unsaved = false // whatever comes of it: a second try would fail as well
	r.tick()
	r.at.Loss, r.at.Targets, r.at.Parts = number(r.tally.loss), number(r.tally.count), r.tally.parts
	s := &checkpoint.State{Tensors: r.learner.state(), Meta: r.meta(lastKind)}
	if r.opt.OnNaN == Rollback && r.at.Batch > 0 {
		for _, n := range r.begin {
			s.Tensors = append(s.Tensors, checkpoint.Named{Name: beginPrefix + n.Name, Tensor: n.Tensor})
		}
	}
	for i, m := range r.tally.meters {
		s.Tensors = append(s.Tensors, checkpoint.Named{Name: meterPrefix + r.tally.names[i], Tensor: packFloats(m.State())})
	}
	s.Tensors = append(s.Tensors,
		checkpoint.Named{Name: lossesName, Tensor: packFloats(r.losses.state())},
		checkpoint.Named{Name: normsName, Tensor: packFloats(r.norms.state())})
	text, err := json.Marshal(r.at)
	if err != nil {
		return fmt.Errorf("train: save: %w", err)
	}
	s.Meta[progressKey] = string(text)
	if err := r.folder.checkpoints().Save(checkpoint.Last, s); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	r.saved, r.savedStep = r.ticked, r.at.Step
	return nil
}

// meta returns the metadata that all checkpoints have.
func (r *run) meta(kind string) map[string]string {
	options, err := json.Marshal(r.fingerprint())
	if err != nil {
		panic(fmt.Sprintf("train: settings: %v", err)) // strings always have a JSON form
	}
	m := map[string]string{kindKey: kind, optionsKey: string(options), levelKey: simd.Active().String()}
	if len(r.opt.Config) > 0 {
		m[configKey] = string(r.opt.Config)
	}
	if len(r.opt.Schema) > 0 {
		m[schemaKey] = string(r.opt.Schema)
	}
	return m
}

// packFloats stores float64 numbers in a float32 tensor [numbers, 2] without loss: the upper and the lower half of
// their bits. Files hold the bits of float32 as they are.
func packFloats(x []float64) *tensor.Tensor {
	t := tensor.New(len(x), 2)
	for i, v := range x {
		b := math.Float64bits(v)
		t.Data()[2*i] = math.Float32frombits(uint32(b >> 32))
		t.Data()[2*i+1] = math.Float32frombits(uint32(b))
	}
	return t
}

// unpackFloats undoes packFloats.
func unpackFloats(t *tensor.Tensor) []float64 {
	d := t.Data()
	x := make([]float64, len(d)/2)
	for i := range x {
		x[i] = math.Float64frombits(uint64(math.Float32bits(d[2*i]))<<32 | uint64(math.Float32bits(d[2*i+1])))
	}
	return x
}

// state returns model and optimiser under their names in checkpoints. The tensors are the live ones.
func (l *learner) state() []checkpoint.Named {
	out := prefixed(modelPrefix, l.tensors())
	return append(out, prefixed("", l.opt.State())...)
}

// copyState returns a copy of the state.
func (l *learner) copyState() []checkpoint.Named {
	s := l.state()
	for i := range s {
		s[i].Tensor = s[i].Tensor.Clone()
	}
	return s
}

// setState copies a state into model and optimiser. Tensors with other names than state gives are passed over.
func (l *learner) setState(tensors []checkpoint.Named) error {
	if err := checkpoint.Assign(prefixed("", l.tensors()), &checkpoint.State{Tensors: tensors}, modelPrefix); err != nil {
		return err
	}
	var moments []nn.Named
	for _, n := range tensors {
		if strings.HasPrefix(n.Name, optimPrefix) {
			moments = append(moments, nn.Named{Path: n.Name, Tensor: n.Tensor})
		}
	}
	return l.opt.Restore(moments)
}

// prefixed gives a model's tensors the names of a checkpoint.
func prefixed(prefix string, list []nn.Named) []checkpoint.Named {
	out := make([]checkpoint.Named, len(list))
	for i, n := range list {
		out[i] = checkpoint.Named{Name: prefix + n.Path, Tensor: n.Tensor}
	}
	return out
}
