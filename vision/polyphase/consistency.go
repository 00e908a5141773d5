package polyphase

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// Study says how the answers of a model are compared under circular shifts of whole pixels. The zero value is the
// measurement of the paper, but that every image has shifts of its own and not every batch.
type Study struct {
	// Shifts is the number of shifts of an image, drawn by Seed and the image's number; default 2.
	Shifts int
	// Most is the largest shift along each axis, the smallest being 0; default 14.
	Most int
	// Every takes all shifts of an image instead, as many as it has pixels: for small images.
	Every bool
	Seed  uint64
	// BatchSize is the number of images of a pass; default 64.
	BatchSize int
}

// Consistency is what a [Study] found. Shares, from 0 to 1, are means over the images of the shares of their shifts; those of
// nothing are NaN.
type Consistency struct {
	Images int // that were looked at
	Shifts int // of all images
	// Consistency is the share of pairs of shifts of an image with the same predicted class: the paper's shift consistency. A
	// single shift has none.
	Consistency float64
	// Kept is the share of shifts that have the class of the image as it was.
	Kept float64
	// Accuracy is the share of labelled images that are predicted right as they are, ShiftedAccuracy that of their shifts: the
	// paper's accuracy under attack.
	Accuracy, ShiftedAccuracy float64
	// Change is the largest difference of a logit of a shifted image from that of the image as it was, in units of the
	// largest magnitude of the latter's logits.
	Change float64
}

// Measure compares the answers of m to the images of a source and to their shifts. It works through the images one after
// the other and stops with the context's error when that is done. The error names an image that cannot be used.
func (s Study) Measure(ctx context.Context, m vision.Classifier, source vision.Source) (Consistency, error) {
	set := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	set(&s.Shifts, 2)
	set(&s.Most, 14)
	set(&s.BatchSize, 64)
	if s.Shifts < 1 || s.Most < 1 || s.BatchSize < 1 {
		return Consistency{}, fmt.Errorf("polyphase: %d shifts of %d pixels at most in batches of %d: want positive numbers, or 0 for the defaults", s.Shifts, s.Most, s.BatchSize)
	}
	t := tally{model: m, tape: tensor.NewTape()}
	for i := range source.Len() {
		image, err := source.Image(i)
		if err != nil {
			return Consistency{}, fmt.Errorf("polyphase: image %d: %w", i, err)
		}
		if err := s.look(ctx, &t, image, i); err != nil {
			return Consistency{}, fmt.Errorf("polyphase: image %d: %w", i, err)
		}
	}
	return t.result(), nil
}

// look counts the answers to an image and its shifts, the image itself first.
func (s Study) look(ctx context.Context, t *tally, image vision.Image, number int) error {
	if _, err := vision.NewBatch(t.model, []vision.Image{image}); err != nil { // before its pixels are moved
		return err
	}
	t.begin(image)
	shifts := s.shifts(image, number)
	batch := []vision.Image{image}
	for k := 0; k <= len(shifts); k++ {
		if k == len(shifts) || len(batch) == s.BatchSize {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := t.answer(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
		if k < len(shifts) {
			batch = append(batch, RollImage(image, shifts[k]))
		}
	}
	t.end()
	return nil
}

// shifts returns those of an image.
func (s Study) shifts(image vision.Image, number int) []Shift {
	var list []Shift
	if s.Every {
		for y := range image.Height {
			for x := range image.Width {
				list = append(list, Shift{y, x})
			}
		}
		return list
	}
	rng := rand.New(rand.NewPCG(s.Seed, uint64(number)))
	for range s.Shifts {
		list = append(list, Shift{rng.IntN(s.Most + 1), rng.IntN(s.Most + 1)})
	}
	return list
}

// RollImage returns the image rolled as a torus, its pixel (Down, Right) at the origin; label and shares stay.
func RollImage(m vision.Image, by Shift) vision.Image {
	from := m.Pixels
	m.Pixels = make([]float32, len(from))
	for i := range m.Height {
		for j := range m.Width {
			at := within(i+by.Down, m.Height)*m.Width + within(j+by.Right, m.Width)
			copy(m.Pixels[(i*m.Width+j)*m.Channels:][:m.Channels], from[at*m.Channels:])
		}
	}
	return m
}

// tally counts answers.
type tally struct {
	model vision.Classifier
	tape  *tensor.Tape
	sum   Consistency // with sums over the images in the place of means

	paired, labelled float64 // images with more than one shift, and with a class
	// of the image at hand
	label    int
	first    []float32 // logits of the image as it was
	was      int       // their class
	counts   []int     // of the classes of its shifts
	answered int
}

func (t *tally) begin(image vision.Image) {
	t.label, t.first, t.answered = image.Label, nil, 0
	if image.Shares != nil {
		t.label = vision.Unlabelled
	}
	t.counts = make([]int, t.model.Classes())
}

// answer asks the model about a batch of the image at hand.
func (t *tally) answer(images []vision.Image) error {
	b, err := vision.NewBatch(t.model, images)
	if err != nil {
		return err
	}
	t.tape.Begin(tensor.Pass{})
	logits := t.model.Forward(t.tape, b).Value()
	for k := range images {
		t.count(logits.Row(k))
	}
	return nil
}

// count counts an answer; the first is that to the image as it was.
func (t *tally) count(logits []float32) {
	class := largest(logits)
	if t.first == nil {
		t.first, t.was = append([]float32{}, logits...), class
		return
	}
	t.answered++
	t.counts[class]++
	var change, scale float64
	for c, v := range logits {
		change, scale = max(change, math.Abs(float64(v)-float64(t.first[c]))), max(scale, math.Abs(float64(t.first[c])))
	}
	if change > 0 {
		t.sum.Change = max(t.sum.Change, change/max(scale, math.SmallestNonzeroFloat32))
	}
}

// end adds what was counted of an image.
func (t *tally) end() {
	n := float64(t.answered)
	t.sum.Images++
	t.sum.Shifts += t.answered
	t.sum.Kept += float64(t.counts[t.was]) / n
	if n > 1 {
		pairs := 0
		for _, c := range t.counts {
			pairs += c * (c - 1)
		}
		t.paired++
		t.sum.Consistency += float64(pairs) / (n * (n - 1))
	}
	if t.label == vision.Unlabelled {
		return
	}
	t.labelled++
	t.sum.ShiftedAccuracy += float64(t.counts[t.label]) / n
	if t.was == t.label {
		t.sum.Accuracy++
	}
}

// result turns sums into means.
func (t *tally) result() Consistency {
	c := t.sum
	c.Consistency /= t.paired
	c.Kept /= float64(c.Images)
	c.Accuracy /= t.labelled
	c.ShiftedAccuracy /= t.labelled
	return c
}

// largest returns the place of the largest number, the first where several are equal.
func largest(list []float32) int {
	best := 0
	for i, v := range list {
		if v > list[best] {
			best = i
		}
	}
	return best
}
