package tokenizer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// OfficialTensor is one line of the import table: a tensor of the official state dict (DINGYANB/MTVCrafter, commit
// 91d5132, models/motion4d/vqvae.py) and the tensor of ours that holds the same numbers in the same order.
type OfficialTensor struct {
	Name   string
	Tensor *tensor.Tensor
}

// officialBlock are the official names of a block's parts.
var officialBlock = strings.NewReplacer("norm1", "block.0", "wide", "block.2", "norm2", "block.3", "narrow", "block.5", "short", "conv_short")

// officialHalf returns the table of the encoder or the decoder, whose modules have the same official names but for down
// and up.
func officialHalf(prefix string, half nn.Module, change, scale string) []OfficialTensor {
	var table []OfficialTensor
	for _, p := range nn.Collect(half).All() {
		part, rest, _ := strings.Cut(p.Path, ".")
		switch part {
		case "in", "out":
			part = "conv_" + part
		case "first":
			part, rest = "resnet1", officialBlock.Replace(rest)
		case change:
			part, rest = "resnet2", officialBlock.Replace(rest)
		case "second":
			part, rest = "resnet3", officialBlock.Replace(rest)
		default: // down1, up2
			part, rest = scale+part[len(part)-1:], strings.Replace(rest, "conv", map[string]string{"downsample": "joint_downsample", "upsample": "upsampler"}[scale], 1)
		}
		table = append(table, OfficialTensor{Name: prefix + part + "." + rest, Tensor: p.Tensor})
	}
	return table
}

// Official returns the table of the encoder; official names begin with prefix.
func (e *Encoder) Official(prefix string) []OfficialTensor {
	return officialHalf(prefix, e, "widen", "downsample")
}

// Official returns the table of the decoder; official names begin with prefix.
func (d *Decoder) Official(prefix string) []OfficialTensor {
	return officialHalf(prefix, d, "narrow", "upsample")
}

// Official returns the import table of the model.
func (m *Model) Official() []OfficialTensor {
	return append(m.Encoder.Official("encoder."), m.Decoder.Official("decoder.")...)
}

// officialCodebook is the official name of the codebook, whose running sums are not part of a state dict.
const officialCodebook = "vq.codebook"

// LoadOfficial copies an official state dict into the model: the parameters, and vq.codebook [codes, width],
// which may be missing; codes then stay as they are. The error lists every tensor that is missing, unexpected or of
// another shape; nothing is changed then.
func (m *Model) LoadOfficial(state map[string]*tensor.Tensor) error {
	var wrong []string
	table := m.Official()
	if state[officialCodebook] != nil {
		table = append(table, OfficialTensor{officialCodebook, m.Codebook.Vectors})
	}
	known := map[string]bool{}
	for _, t := range table {
		known[t.Name] = true
		if have := state[t.Name]; have == nil {
			wrong = append(wrong, "missing "+t.Name)
		} else if !slices.Equal(have.Shape(), t.Tensor.Shape()) {
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, want %v", t.Name, have.Shape(), t.Tensor.Shape()))
		}
	}
	for name := range state {
		if !known[name] {
			wrong = append(wrong, "unexpected "+name)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("tokenizer: the official weights do not fit the model's configuration: %s", strings.Join(wrong, "; "))
	}
	for _, t := range table {
		t.Tensor.CopyFrom(state[t.Name])
	}
	if known[officialCodebook] {
		m.Codebook.Sums.CopyFrom(m.Codebook.Vectors)
		m.Codebook.Counts.Fill(1)
	}
	return nil
}
