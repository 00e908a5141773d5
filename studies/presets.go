package studies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/sequences"
)

// Decoder returns c with the form of the study's decoder, sequences.T5Decoder, but without dropout, which helps no model
// that never sees an example twice, and small where sizes are zero: 4 layers of 128 with 4 heads.
func Decoder(c sequences.Config) sequences.Config {
	fill(&c.Layers, 4)
	fill(&c.Width, 128)
	fill(&c.Heads, 4)
	c = sequences.T5Decoder(c)
	c.Vocabulary = 0 // the study's to say
	c.Dropout, c.AttentionDropout, c.FeedForwardDropout, c.OutputDropout = 0, 0, 0, 0
	return c
}

// smaller is what the small preset of a family has beside the defaults.
type smaller struct {
	options lengths.Options
	width   int
	steps   int
	batch   int
}

// smallest lists the small presets: about two minutes a model on two cores, as long as the encoding is none of the
// expensive ones. Families that are not there keep their published lengths.
func smallest(family string) smaller {
	switch family {
	case "copy", "reverse":
		return smaller{steps: 2000, options: lengths.Options{Train: lengths.Range{Min: 2, Max: 8}, Symbols: 20}}
	case "addition":
		return smaller{options: lengths.Options{Train: lengths.Range{Min: 1, Max: 4}}}
	case "poly":
		return smaller{options: lengths.Options{Train: lengths.Range{Min: 1, Max: 4}}}
	case "locate":
		// Small grids among the large ones make the task learnable: on 4 to 6 rows alone axial-rope, at width 128, was no
		// better than guessing after 1,000 steps.
		return smaller{width: 64, steps: 2500, batch: 64,
			options: lengths.Options{Train: lengths.Range{Min: 2, Max: 5}, Test: lengths.Range{Min: 6, Max: 8}, Symbols: 64}}
	}
	return smaller{}
}

// TaskNames lists the tasks that can be studied: those of package lengths that can be generated.
func TaskNames() []string {
	var names []string
	for _, name := range lengths.Names() {
		if t, err := lengths.ByName(name, lengths.Options{}); err == nil && t.Generated() {
			names = append(names, name)
		}
	}
	return names
}

// taskName gives the name of a task, or for a family that of the first of its tasks.
func taskName(name string) (string, error) {
	known := TaskNames()
	if slices.Contains(known, name) {
		return name, nil
	}
	var families []string
	for _, k := range known {
		family, _, found := strings.Cut(k, "_")
		if found && family == name {
			return k, nil
		}
		if found && !slices.Contains(families, family) && !slices.Contains(known, family) {
			families = append(families, family)
		}
	}
	if slices.Contains(lengths.Names(), name) {
		return "", fmt.Errorf("studies: examples of %s cannot be generated, only read: choose another task (known: %s)", name, strings.Join(known, ", "))
	}
	return "", &UnknownError{What: "task", Name: name, Known: append(families, known...)}
}

// Small is the study of a task at a size for two cores: a decoder of 4 layers of width 128 on short examples, a minute or
// two for each encoding. The error of an unknown task is an [*UnknownError].
func Small(task string) (Lengths, error) {
	name, err := taskName(task)
	if err != nil {
		return Lengths{}, err
	}
	family, _, _ := strings.Cut(name, "_")
	p := smallest(family)
	s := Lengths{
		Task: name, Options: p.options, Subjects: DefaultSubjects(family == "locate"), Seeds: []uint64{1},
		Model: Decoder(sequences.Config{Width: p.width}), Steps: p.steps, BatchSize: p.batch, LR: 1e-3, Warmup: defaultWarmup, Clip: defaultClip, Tests: 100,
	}
	fill(&s.Steps, 1500)
	fill(&s.BatchSize, 32)
	return s, nil
}

// Published is the study of a task as it was published: 12 layers of 768 with dropout, 40,000 steps of 64 on 100,000
// examples of the published lengths, validated 20 times, 500 questions a length, three seeds. That takes days for each of
// its models on a processor. The error of an unknown task is an [*UnknownError].
func Published(task string) (Lengths, error) {
	s, err := Small(task)
	if err != nil {
		return s, err
	}
	s.Options = lengths.Options{}
	s.Model = sequences.T5Decoder(sequences.Config{})
	s.Model.Vocabulary = 0
	s.Seeds = []uint64{256788, 234054, 146317}
	s.Steps, s.BatchSize, s.LR, s.WeightDecay = 40_000, 64, 3e-5, 0.05
	s.Examples, s.Validations, s.Tests = 100_000, 20, 500
	return s, nil
}
