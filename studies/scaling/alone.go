package scaling

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// numberNames are what the numbers behind the model's name are, in the words of [Alone].
var numberNames = [...]string{"nodes", "degree", "layers", "width", "steps"}

// clocks are the words for [Study].ProcessorTime.
var clocks = map[bool]string{false: "clock", true: "processors"}

// measure has a process of its own measure p.
func (s Study) measure(ctx context.Context, p Point) (Point, error) {
	if s.Status != nil {
		s.Status(fmt.Sprintf("%s, %d nodes, %d edges", p.Model, p.Nodes, p.Edges))
	}
	if len(s.Alone) == 0 {
		return p, errors.New("scaling: a process of its own is needed: set Study.Alone to its command line")
	}
	args := append(append([]string(nil), s.Alone[1:]...), p.Model)
	for _, n := range [...]int{p.Nodes, p.Degree, s.Layers, s.Width, s.Steps} {
		args = append(args, strconv.Itoa(n))
	}
	args = append(args, clocks[s.ProcessorTime])
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, s.Alone[0], args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(runtime.GOMAXPROCS(0)))
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return p, ctx.Err()
		}
		return p, fmt.Errorf("scaling: %s %s: %w: %s", s.Alone[0], strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	measured := p
	if err := json.Unmarshal(out.Bytes(), &measured); err != nil || measured.Steps <= 0 || measured.Model != p.Model || measured.Nodes != p.Nodes {
		return p, fmt.Errorf("scaling: %s %s: wrote %.80q, want a point in JSON", s.Alone[0], strings.Join(args, " "), out.String())
	}
	measured.Predicted = p.Predicted
	return measured, nil
}

// Alone measures a point in this process, which should do nothing else, and writes it to w. The words are those that
// [Study.Run] puts behind [Study].Alone: the model's name, then numbers of nodes, degree, layers, width and steps,
// then clock or processors for where time is taken from.
func Alone(ctx context.Context, words []string, w io.Writer) error {
	const last = 1 + len(numberNames)
	if len(words) != last+1 || words[last] != clocks[false] && words[last] != clocks[true] {
		return fmt.Errorf("scaling: Alone: got %q, want the name of a model, the numbers of %s, and clock or processors", words, strings.Join(numberNames[:], ", "))
	}
	var numbers [len(numberNames)]int
	for k, word := range words[1:last] {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return fmt.Errorf("scaling: Alone: %s is %q, want a number from 1", numberNames[k], word)
		}
		numbers[k] = n
	}
	s := Study{Models: words[:1], Nodes: numbers[:1], Degree: numbers[1], Layers: numbers[2], Width: numbers[3], Steps: numbers[4],
		ProcessorTime: words[last] == clocks[true]}
	if err := s.Check(); err != nil {
		return err
	}
	p, err := s.train(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(p)
}
