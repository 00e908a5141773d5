package expressivity

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// Protocol is the test of BREC, called RPC there, reliable paired comparison (Wang and Zhang, "An Empirical Study of
// Realized GNN Expressiveness", ICML 2024, section 5; GraphPKU/BREC, test_BREC.py): a model is trained from the
// beginning to make its outputs of the two graphs unlike, on relabelled copies of both. Then the differences f(A_i) -
// f(B_i) of the copies are compared with their own spread by Hotelling's T^2. The graphs are told apart if T^2 is above
// Threshold, and not the same as that of a graph against copies of itself; if the latter is above it too, the verdict
// is not reliable.
//
// The model is GRIT, by default 4 layers of 32 with layer norms, summed over the nodes. What differs from the official
// code: AdamW in place of Adam, so that the decay is apart from the gradient; batches are made smaller where graphs are
// so large that one would not fit in memory; where all copies of both graphs have the same outputs to the last bit,
// which leaves no spread at all, graphs of different outputs are told apart rather than not.
//
// Zeros mean what is said beside the fields.
type Protocol struct {
	Steps  int // channels of the encoding; 0 means DefaultSteps
	Layers int // 0 means 4
	Width  int // 0 means 32
	Epochs int // 0 means 20
	// LR is the first learning rate; 0 means 1e-4. It is divided by ten when the loss has not fallen for ten epochs.
	LR   float64
	Seed uint64 // of the weights and the relabellings
}

// The numbers of the protocol.
const (
	// Relabellings is the number of copies of each graph, the graph itself included.
	Relabellings = 32
	// Threshold of T^2 is (q-1)d/(q-d) F(d, q-d) for q = 32 copies and d = 16 outputs, with 2.33 for the quantile of F
	// at 95 %. Hotelling's T^2 has a factor q in front; the official code leaves it out, and so does Verdict.Distance.
	Threshold = 72.34

	couplesPerBatch = 8
	mostPairs       = 1 << 18 // of nodes in a batch of several couples
	weightDecay     = 1e-5
	lossEnough      = 0.3  // training ends below this loss
	patience        = 10   // epochs without a lower loss after which the rate falls
	alike           = 1e-6 // distances as near as this, or to a hundred thousandth, are the same
)

func (p Protocol) options() Options {
	return Options{Steps: p.Steps, Layers: p.Layers, Width: p.Width}
}

func (p Protocol) withDefaults() Protocol {
	if p.Epochs == 0 {
		p.Epochs = 20
	}
	if p.LR == 0 {
		p.LR = 1e-4
	}
	return p
}

func (p Protocol) setting() string {
	p = p.withDefaults()
	c := p.options().model()
	return fmt.Sprintf("steps=%d layers=%d width=%d epochs=%d lr=%g", c.Steps, c.Layers, c.Width, p.Epochs, p.LR)
}

// Judge trains a model for the two graphs and compares them. The error says what the model cannot read in a graph,
// which settings no model can have, or is that of ctx.
func (p Protocol) Judge(ctx context.Context, a, b *graphs.Graph) (Verdict, error) {
	p = p.withDefaults()
	c := p.options().model()
	model, err := grit.New(c, p.Seed)
	if err != nil {
		return Verdict{}, fmt.Errorf("expressivity: %w", err)
	}
	r := &rounds{Protocol: p, model: model, tape: tensor.NewTape()}
	copiesA, copiesB := relabelled(a, Relabellings, p.Seed), relabelled(b, Relabellings, p.Seed+1)
	if r.couples, err = couple(c, copiesA, copiesB); err != nil {
		return Verdict{}, err
	}
	if err := r.train(ctx); err != nil {
		return Verdict{}, err
	}
	one := a // the official code has drawn one of the two
	if p.Seed%2 == 1 {
		one = b
	}
	more := relabelled(one, 2*Relabellings, p.Seed+2)
	same, err := couple(c, more[:Relabellings], more[Relabellings:])
	if err != nil {
		return Verdict{}, err
	}
	distance, copyDistance := r.distance(r.couples), r.distance(same)
	if math.IsNaN(distance + copyDistance) {
		return Verdict{}, fmt.Errorf("expressivity: the outputs of the trained model are not finite: choose a smaller learning rate than %g", p.LR)
	}
	return Verdict{
		Apart:     distance > Threshold && math.Abs(distance-copyDistance) > alike+1e-5*copyDistance,
		CopyApart: copyDistance >= Threshold,
		Distance:  distance, CopyDistance: copyDistance,
	}, ctx.Err()
}

// couple makes batches of copies of two graphs: the copies of the one, then those of the other.
func couple(c grit.Config, a, b []*graphs.Graph) ([]*grit.Batch, error) {
	pairs := a[0].Nodes*a[0].Nodes + b[0].Nodes*b[0].Nodes
	size := max(1, min(couplesPerBatch, mostPairs/pairs))
	var all []*grit.Batch
	for lo := 0; lo < len(a); lo += size {
		hi := min(lo+size, len(a))
		batch, err := grit.NewBatch(c, slices.Concat(a[lo:hi], b[lo:hi]))
		if err != nil {
			return nil, fmt.Errorf("expressivity: %w", err)
		}
		all = append(all, batch)
	}
	return all, nil
}

// rounds is a protocol at work on two graphs.
type rounds struct {
	Protocol
	model   *grit.Model
	tape    *tensor.Tape
	couples []*grit.Batch
}

// train makes the outputs of the two graphs unlike.
func (r *rounds) train(ctx context.Context) error {
	params := nn.Collect(r.model).Trainable()
	adam := optim.NewAdamW(params, optim.AdamWOptions{WeightDecay: weightDecay})
	rate, least, bad := r.LR, math.Inf(1), 0
	step := uint64(0)
	for range r.Epochs {
		loss := 0.0
		for _, b := range r.couples {
			if err := ctx.Err(); err != nil {
				return err
			}
			step++
			r.tape.Begin(tensor.Pass{Train: true, Grad: true, Seed: r.Seed, Step: step})
			l := likeness(r.tape, r.model.Forward(r.tape, b))
			loss += float64(l.Data()[0]) * float64(b.Len()) / (2 * Relabellings)
			r.tape.Backward(l)
			adam.Step(r.tape.Grad, rate, 1)
		}
		if math.IsNaN(loss) {
			return fmt.Errorf("expressivity: the loss of the pair is no number after %d steps: choose a smaller learning rate than %g", step, r.LR)
		}
		if loss < lossEnough {
			return nil
		}
		// PyTorch's ReduceLROnPlateau takes less than a ten thousandth for no progress.
		if loss < least*(1-1e-4) {
			least, bad = loss, 0
		} else if bad++; bad > patience {
			rate, bad = rate/10, 0
		}
	}
	return nil
}

// likeness is the cosine embedding loss for unlike items with a margin of 0: the mean of max(0, cos(f(A_i), f(B_i))) over
// the couples of a batch, whose outputs are [2 couples, outputs].
func likeness(tp *tensor.Tape, out *tensor.Var) *tensor.Var {
	unit := tp.UnitRows(out, 1e-12)
	n := out.Rows() / 2
	ones := tensor.New(outputs, 1)
	for i := range ones.Data() {
		ones.Data()[i] = 1
	}
	cosine := tp.MatMul(tp.Mul(tp.Rows(unit, 0, n), tp.Rows(unit, n, 2*n)), tp.Const(ones)) // [couples, 1]
	return tp.Mean(tp.ReLU(cosine))
}

// distance is T^2 of the differences of the outputs of all couples.
func (r *rounds) distance(couples []*grit.Batch) float64 {
	var differences []float64
	for _, b := range couples {
		r.tape.Begin(tensor.Pass{})
		out := r.model.Forward(r.tape, b).Data()
		half := len(out) / 2
		for i, v := range out[:half] {
			differences = append(differences, float64(v)-float64(out[half+i]))
		}
	}
	return hotelling(differences, outputs)
}
