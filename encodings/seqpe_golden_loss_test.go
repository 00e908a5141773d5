package encodings

import (
	"fmt"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

func TestGoldenSeqPEContrastiveLoss(t *testing.T) {
	for _, c := range golden.Files(t, "seqpe", "contrastive_") {
		var config struct {
			Heads int     `json:"num_heads"`
			Scale float64 `json:"logit_scale"`
		}
		c.JSON(t, "config", &config)
		for tag, heads := range map[string]int{"multihead0": 1, "multihead1": config.Heads} {
			pivots, candidates := c.Tensor("pivot"), c.Tensor("negatives")
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			loss := contrastiveLoss(tp, tp.Leaf(pivots), tp.Leaf(candidates), intsOf(c.Ints("labels")), heads, config.Scale)
			tp.Backward(loss)
			c.CompareFlat(t, tag+".loss", loss.Data(), golden.Forward)
			c.CompareFlat(t, tag+".grad.pivot", tp.Grad(pivots), golden.Gradient)
			c.CompareFlat(t, tag+".grad.negatives", tp.Grad(candidates), golden.Gradient)
		}
	}
}

func TestGoldenSeqPETransferLoss(t *testing.T) {
	for _, c := range golden.Files(t, "seqpe", "transfer_") {
		var config struct {
			Heads   int       `json:"num_heads"`
			Scale   float64   `json:"logit_scale"`
			Windows int       `json:"batch"`
			Betas   []float64 `json:"betas"`
			Metrics []string  `json:"metrics"`
		}
		c.JSON(t, "config", &config)
		indices := c.Ints("main_indices")
		rows := make([]int32, len(indices))
		for i, r := range indices {
			rows[i] = int32(r)
		}
		for multi, heads := range []int{1, config.Heads} {
			for _, beta := range config.Betas {
				for _, metric := range config.Metrics {
					tag := fmt.Sprintf("mh%d.beta%.1f.%s.", multi, beta, metric)
					home, away := c.Tensor("main_pe"), c.Tensor("transfer_pe")
					tp := tensor.NewTape()
					tp.Begin(tensor.Pass{Grad: true})
					cells := tp.Gather(tp.Reshape(tp.Leaf(home), home.Shape()[1], home.Shape()[2]), rows)
					loss := transferLoss(tp, cells, tp.Leaf(away), config.Windows, heads, SeqPETransfer{Beta: beta, SquaredError: metric == "mse"}, config.Scale)
					tp.Backward(loss)
					c.CompareFlat(t, tag+"loss", loss.Data(), golden.Forward)
					grad := tp.Grad(home)
					if grad == nil {
						grad = make([]float32, home.Size()) // beta 1: nothing reaches the window at home
					}
					c.CompareFlat(t, tag+"grad.main", grad, golden.Gradient)
					c.CompareFlat(t, tag+"grad.transfer", tp.Grad(away), golden.Gradient)
				}
			}
		}
	}
}

// TestGoldenSeqPETrainStep is a whole step: reader, attention, and both losses, with the draws of the golden file.
func TestGoldenSeqPETrainStep(t *testing.T) {
	for _, c := range golden.Files(t, "seqpe", "train_step_") {
		t.Run(c.Name, func(t *testing.T) {
			var reader readerConfig
			var config struct {
				attentionConfig
				Grid        []int   `json:"grid"`
				Contrastive float64 `json:"contrastive_weight"`
				Transfer    float64 `json:"transfer_weight"`
				Windows     int     `json:"transfer_batch"`
				Beta        float64 `json:"transfer_beta"`
			}
			c.JSON(t, "config", &reader)
			c.JSON(t, "config", &config)
			s := reader.settings()
			s.Use, s.SharedHead = config.use(t), !config.MultiHead
			s.Contrastive.Weight, s.Transfer.Weight, s.Transfer.Beta, s.Transfer.Windows = config.Contrastive, config.Transfer, config.Beta, config.Windows
			enc, err := s.New(Dims{Width: config.Dim, Heads: config.Heads}, nn.NewInit(1))
			if err != nil {
				t.Fatal(err)
			}
			e := enc.(*seqPE)
			qkv, proj := emptyLinear(config.Dim, 3*config.Dim), emptyLinear(config.Dim, config.Dim)
			official := append(officialReader(e.reader, "pe."), officialTensor{"attn.qkv.weight", qkv.Weight, false}, officialTensor{"attn.qkv.bias", qkv.Bias, false},
				officialTensor{"attn.proj.weight", proj.Weight, false}, officialTensor{"attn.proj.bias", proj.Bias, false},
				officialTensor{"attn.pe_qk.weight", e.maps[0].Weight, false}, officialTensor{"attn.pe_qk.bias", e.maps[0].Bias, false})
			loadOfficial(c, official)
			copy(e.class.Data(), c.Tensor("cls_pe").Data())
			x := c.Tensor("x")
			layout, err := OnGrid(x.Shape()[0], 1, config.Grid...)
			if err != nil {
				t.Fatal(err)
			}

			// The file lists the cells of the grid, the pivots, the candidates and the cells of moved windows.
			sizes, positions := intsOf(c.Ints("split_sizes")), intsOf(c.Ints("positions"))
			set, rows := newPositionSet(e.SeqPE), []int32(nil)
			for i := 0; i < len(positions); i += 2 {
				rows = append(rows, set.row(positions[i:i+2]))
			}
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			p := &seqPEPass{seqPE: e, layout: layout, labels: intsOf(c.Ints("ct_labels"))}
			next := rows
			take := func(n int) []int32 {
				list := next[:n]
				next = next[n:]
				return list
			}
			cells := take(sizes[0])
			p.pivots, p.candidates, p.away = take(sizes[1]), take(sizes[2]), take(sizes[3])
			for _, i := range c.Ints("transfer_main_indices") {
				p.home = append(p.home, cells[i])
			}
			coords, err := e.coords(layout)
			if err != nil {
				t.Fatal(err)
			}
			e.number(p, set, coords)
			e.read(tp, p, set)
			pe := tp.Gather(p.vectors, shifted(rows, p.first)).Keep()
			tokens := layout.Tokens()
			out := goldenAttention(tp, tp.Reshape(tp.Leaf(x), tokens, config.Dim), layout.Offsets, config.Heads, qkv, proj, p).Keep()
			aux := p.Loss(tp)
			total := tp.Add(tp.Sum(tp.Mul(out, tp.Reshape(tp.Const(c.Tensor("probe")), tokens, config.Dim))), aux).Keep()
			contrastive := contrastiveLoss(tp, p.of(tp, p.pivots), p.of(tp, p.candidates), p.labels, 1, 1).Keep()
			transfer := transferLoss(tp, p.of(tp, p.home), p.of(tp, p.away), config.Windows, config.Heads, p.Transfer, 1).Keep()
			tp.Backward(total)

			var digits []int64
			for _, d := range e.write(positions).digit {
				digits = append(digits, int64(d))
			}
			c.CompareInts(t, "digits", digits)
			c.Compare(t, "pe", pe.Value(), golden.Forward)
			c.CompareFlat(t, "out", out.Data(), golden.Forward)
			c.CompareFlat(t, "loss_contrastive", contrastive.Data(), golden.Forward)
			c.CompareFlat(t, "loss_transfer", transfer.Data(), golden.Forward)
			c.CompareFlat(t, "loss_total", total.Data(), golden.Forward)
			c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
			c.CompareFlat(t, "grad.cls_pe", tp.Grad(e.class), golden.Gradient)
			compareGradients(t, c, tp, official)
		})
	}
}

func shifted(rows []int32, by int32) []int32 {
	out := make([]int32, len(rows))
	for i, r := range rows {
		out[i] = r + by
	}
	return out
}
