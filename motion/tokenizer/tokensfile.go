package tokenizer

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/safetensors"
)

// The names of what files of tokens hold.
const (
	codesTensor = "codes"
	startTensor = "start"
	tokensKey   = "motion.tokens"
)

// tokensMeta is what files keep of tokens beside the codes.
type tokensMeta struct {
	Name     string   `json:"name,omitempty"`
	FPS      float64  `json:"fps,omitempty"`
	Unit     float64  `json:"unit,omitempty"`
	Axes     string   `json:"axes"`
	Joints   []string `json:"joints"`
	Parents  []int    `json:"parents"`
	Frames   int      `json:"frames"`
	Codebook int      `json:"codebook"`
}

// WriteTokens writes tokens as safetensors with checksums: the tensor codes [steps, joints] of int32, the tensor start
// [joints, 3] where there is one, and in the metadata string motion.tokens a JSON object (name, fps, unit, axes, joints,
// parents, frames, codebook).
func WriteTokens(w io.Writer, t *Tokens) error {
	if err := t.Validate(); err != nil {
		return err
	}
	for _, text := range append([]string{t.Name}, t.Skeleton.Joints...) {
		if !utf8.ValidString(text) {
			return fmt.Errorf("tokenizer: the name %q is not UTF-8: rename it", text)
		}
	}
	head, err := json.Marshal(tokensMeta{Name: t.Name, FPS: t.FPS, Unit: t.Unit, Axes: t.Axes.String(), Joints: t.Skeleton.Joints,
		Parents: t.Skeleton.Parents, Frames: t.Frames, Codebook: t.Codebook})
	if err != nil {
		return err
	}
	var codes []byte
	for _, k := range t.Codes {
		codes = binary.LittleEndian.AppendUint32(codes, uint32(k))
	}
	tensors := []safetensors.Tensor{safetensors.FromBytes(codesTensor, safetensors.I32, codes, t.Steps(), t.Joints)}
	if t.Start != nil {
		tensors = append(tensors, safetensors.FromFloat32(startTensor, t.Start, t.Skeleton.Len(), 3))
	}
	return safetensors.WriteChecked(w, tensors, map[string]string{tokensKey: string(head)})
}

// ReadTokens reads what [WriteTokens] writes. name is the file's, for errors, and that of the tokens if the file gives
// none. A file that holds anything else is a [*motion.FileError], or an error of package safetensors where it was damaged.
func ReadTokens(name string, f *safetensors.File) (*Tokens, error) {
	fail := func(cause error, format string, values ...any) (*Tokens, error) {
		return nil, &motion.FileError{File: name, Reason: fmt.Sprintf(format, values...), Err: cause}
	}
	head, ok := f.Metadata()[tokensKey]
	if !ok || !f.Has(codesTensor) {
		return fail(nil, "it holds no tokens of a movement: want the tensor %s and the metadata string %s", codesTensor, tokensKey)
	}
	for _, n := range f.Names() {
		if n != codesTensor && n != startTensor {
			return fail(nil, "tensor %s has no place in a file of tokens", n)
		}
	}
	var m tokensMeta
	d := json.NewDecoder(strings.NewReader(head))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return fail(err, "its metadata string %s: %v", tokensKey, err)
	}
	if d.More() {
		return fail(nil, "its metadata string %s goes on after the JSON object", tokensKey)
	}
	axes := slices.Index([]string{motion.YUp.String(), motion.CameraAxes.String()}, m.Axes)
	if axes < 0 {
		return fail(nil, "axes are called %q: want %s or %s", m.Axes, motion.YUp, motion.CameraAxes)
	}
	t := &Tokens{Name: m.Name, FPS: m.FPS, Unit: m.Unit, Axes: motion.Axes(axes), Skeleton: &motion.Skeleton{Joints: m.Joints, Parents: m.Parents},
		Frames: m.Frames, Codebook: m.Codebook}
	if t.Name == "" {
		t.Name = name
	}
	if err := t.readTensors(f); err != nil {
		return fail(err, "%v", err)
	}
	if err := t.Validate(); err != nil {
		return fail(err, "%v", err)
	}
	return t, nil
}

// readTensors reads codes and start, as far as they have the right types and dimensions.
func (t *Tokens) readTensors(f *safetensors.File) error {
	info, err := f.Info(codesTensor)
	if err != nil {
		return err
	}
	if info.DType != safetensors.I32 || len(info.Shape) != 2 {
		return fmt.Errorf("tensor %s is of type %s and shape %v: want %s [steps, joints]", codesTensor, info.DType, info.Shape, safetensors.I32)
	}
	data, err := f.Bytes(codesTensor)
	if err != nil {
		return err
	}
	t.Joints = info.Shape[1]
	t.Codes = make([]int32, len(data)/4)
	for i := range t.Codes {
		t.Codes[i] = int32(binary.LittleEndian.Uint32(data[4*i:]))
	}
	if !f.Has(startTensor) {
		return nil
	}
	start, shape, err := f.Float32(startTensor)
	if err != nil {
		return err
	}
	if !slices.Equal(shape, []int{t.Skeleton.Len(), 3}) {
		return fmt.Errorf("tensor %s has shape %v: want [%d 3], the joints' first places", startTensor, shape, t.Skeleton.Len())
	}
	t.Start = start
	return nil
}
