package nn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// officialLoss returns the loss that a case of the losses files was computed with. Its settings are those of the
// official code, which calls the loss of several yes-or-no tasks cross entropy too.
func officialLoss(t *testing.T, fun, task string) nn.Loss {
	t.Helper()
	name := strings.ReplaceAll(fun, "_", "-")
	if task == "classification_multilabel" {
		name = "binary-cross-entropy"
	}
	loss, err := nn.ParseLoss(name)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}

func TestGoldenLosses(t *testing.T) {
	for _, c := range golden.Files(t, "grit", "losses") {
		var config map[string]struct {
			Fun  string `json:"loss_fun"`
			Task string `json:"task"`
		}
		c.JSON(t, "config", &config)
		for _, name := range c.Names() {
			tag, _, _ := strings.Cut(name, ".")
			if _, ok := config[tag]; !ok {
				c.Ignore(name, "a metric, not a loss: the tests of the metrics compare it")
			} else if strings.HasSuffix(name, ".score") {
				c.Ignore(name, "the prediction passed through a sigmoid or log-softmax for display; no loss returns it")
			}
		}
		for tag, cfg := range config {
			t.Run(c.Name+"/"+tag, func(t *testing.T) {
				pred := c.Tensor(tag + ".pred")
				value, grad := lossOf(officialLoss(t, cfg.Fun, cfg.Task), pred, targets(c, tag+".true", pred))
				c.CompareFlat(t, tag+".loss", []float32{value}, golden.Forward)
				c.CompareFlat(t, tag+".grad", grad, golden.Gradient)
			})
		}
	}
}

// targets returns targets as the losses take them: class ids are stored as float32.
func targets(c *golden.Case, name string, pred *tensor.Tensor) *tensor.Tensor {
	if shape := c.Shape(name); len(shape) != 1 || pred.Dims() == 1 {
		return c.Tensor(name)
	}
	ids := c.Ints(name)
	out := tensor.New(len(ids))
	for i, id := range ids {
		out.Data()[i] = float32(id)
	}
	return out
}

// lossOf returns the value of a loss and its gradient with respect to the predictions.
func lossOf(loss nn.Loss, pred, target *tensor.Tensor) (float32, []float32) {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	y := loss.Loss(tp, tp.Leaf(pred), target)
	tp.Backward(y)
	return y.Data()[0], tp.Grad(pred)
}

// officialHead is a case of the heads file.
type officialHead struct {
	Head    string `json:"head"`
	Pooling string `json:"pooling"`
	Layers  int    `json:"layers_post_mp"`
	Act     string `json:"act"`
	Out     int    `json:"dim_out"`
	In      int    `json:"dim_in"`
}

func TestGoldenHeads(t *testing.T) {
	for _, c := range golden.Files(t, "grit", "heads") {
		var cases map[string]officialHead
		c.JSON(t, "cases", &cases)
		for tag, h := range cases {
			t.Run(c.Name+"/"+tag, func(t *testing.T) { testHead(t, c, tag, h) })
		}
	}
}

type layer interface {
	nn.Module
	Apply(*tensor.Tape, *tensor.Var) *tensor.Var
}

func testHead(t *testing.T, c *golden.Case, tag string, h officialHead) {
	var head layer
	var linears []*nn.Linear
	var names []string
	if h.Head == "san_graph" {
		act, err := nn.ParseActivation(h.Act)
		if err != nil {
			t.Fatal(err)
		}
		readout := nn.NewReadout(h.In, h.Out, act, nn.NewInit(1))
		head, linears = readout, readout.Layers
		for i := range linears {
			names = append(names, fmt.Sprintf("FC_layers.%d", i))
		}
	} else {
		mlp := nn.NewMLP(h.In, h.Out, h.Layers, nn.NewInit(1))
		head, linears = mlp, append(append([]*nn.Linear(nil), mlp.Hidden...), mlp.Out)
		for i := range mlp.Hidden {
			names = append(names, fmt.Sprintf("layer_post_mp.model.0.Layer_%d.layer.model", i))
		}
		names = append(names, fmt.Sprintf("layer_post_mp.model.%d.model", min(h.Layers-1, 1)))
	}
	for i, l := range linears {
		l.Weight.CopyFrom(c.Tensor(tag + ".w." + names[i] + ".weight"))
		l.Bias.CopyFrom(c.Tensor(tag + ".w." + names[i] + ".bias"))
	}
	x := c.Tensor("x")
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	v := tp.Leaf(x)
	if h.Head != "inductive_node" {
		pooling := map[string]tensor.Pooling{"add": tensor.PoolSum, "mean": tensor.PoolMean, "max": tensor.PoolMax}[h.Pooling]
		v = tp.Pool(v, offsetsOf(c.Ints("batch")), pooling)
	} else {
		c.Ints("batch")
	}
	out := head.Apply(tp, v).Keep()
	tp.Backward(tp.Sum(tp.Mul(out, tp.Const(c.Tensor(tag+".probe")))))
	c.Compare(t, tag+".out", out.Value(), golden.Forward)
	c.CompareFlat(t, tag+".grad.x", tp.Grad(x), golden.Gradient)
	for i, l := range linears {
		c.CompareFlat(t, tag+".gw."+names[i]+".weight", tp.Grad(l.Weight), golden.Gradient)
		c.CompareFlat(t, tag+".gw."+names[i]+".bias", tp.Grad(l.Bias), golden.Gradient)
	}
}

// offsetsOf turns the item number of every row into offsets.
func offsetsOf(batch []int64) []int {
	offsets := []int{0}
	for i, b := range batch {
		for int(b) >= len(offsets) {
			offsets = append(offsets, i)
		}
	}
	return append(offsets, len(batch))
}
