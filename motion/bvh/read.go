package bvh

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/motion"
)

// mostFrames bounds the number that a file may claim, so that products do not
// overflow; what is held grows with the numbers that are there.
const mostFrames = math.MaxInt32

// ReadFile reads a BVH file. The error names it.
func ReadFile(path string) (*Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("motion: %w", err)
	}
	defer f.Close()
	r, err := Read(path, f)
	if err != nil {
		return nil, err
	}
	base := filepath.Base(path)
	r.Name = strings.TrimSuffix(base, filepath.Ext(base))
	return r, nil
}

// Read reads a BVH file to its end. name is for errors and becomes the recording's.
func Read(name string, in io.Reader) (*Recording, error) {
	w := newWords(name, in)
	r := &Recording{Name: name}
	if err := w.expect("HIERARCHY"); err != nil {
		return nil, err
	}
	if err := readHierarchy(w, r); err != nil {
		return nil, err
	}
	if err := readMotion(w, r); err != nil {
		return nil, err
	}
	return r, nil
}

// readHierarchy reads all ROOTs, and MOTION behind them.
func readHierarchy(w *words, r *Recording) error {
	for {
		if !w.read() {
			return w.end("ROOT or MOTION")
		}
		switch {
		case w.is("MOTION") && len(r.Nodes) > 0:
			return nil
		case w.is("ROOT"):
			if err := readRoot(w, r); err != nil {
				return err
			}
		default:
			wanted := "ROOT"
			if len(r.Nodes) > 0 {
				wanted = "ROOT or MOTION"
			}
			return w.fail("%q, expected %s", w.text(), wanted)
		}
	}
}

// opened is a node whose brace is open.
type opened struct {
	node             int
	offset, channels bool // they were there
	children         bool
}

// readRoot reads a root with all that hangs on it. Braces are kept on a stack of
// their own, so that a deep file costs no more than a long one.
func readRoot(w *words, r *Recording) error {
	var open []opened
	begin := func() error {
		o, err := readName(w, r, open)
		open = append(open, o)
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	for len(open) > 0 {
		if !w.read() {
			return w.end(fmt.Sprintf("the closing brace of %q", r.Nodes[open[len(open)-1].node].Name))
		}
		at := &open[len(open)-1]
		n := &r.Nodes[at.node]
		var err error
		switch {
		case w.is("OFFSET"):
			err = readOffset(w, n, at)
		case w.is("CHANNELS") && !n.End:
			err = readChannels(w, n, at)
		case (w.is("JOINT") || w.is("End")) && !n.End:
			at.children = true
			err = begin()
		case string(w.word) == "}":
			if !at.offset {
				return w.fail("joint %q has no OFFSET", n.Name)
			}
			if !at.channels && !n.End {
				err = w.fail("joint %q has no CHANNELS", n.Name)
				err.(*motion.FileError).Hint = "write CHANNELS 0 for a joint that nothing moves"
				return err
			}
			open = open[:len(open)-1]
		case n.End:
			return w.fail("%q in an End Site, expected OFFSET or }", w.text())
		default:
			return w.fail("%q in joint %q, expected OFFSET, CHANNELS, JOINT, End Site or }", w.text(), n.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readName begins a node behind ROOT, JOINT or End.
func readName(w *words, r *Recording, open []opened) (opened, error) {
	n := Node{Parent: -1}
	if len(open) > 0 {
		n.Parent = open[len(open)-1].node
	}
	if len(r.Nodes) == motion.MostJoints {
		return opened{}, w.fail("more than %d joints and End Sites", motion.MostJoints)
	}
	if w.is("End") {
		if err := w.expect("Site"); err != nil {
			return opened{}, err
		}
		n.End, n.Name = true, r.Nodes[n.Parent].Name+"_End"
	} else {
		if !w.read() {
			return opened{}, w.end("the name of a joint")
		}
		if !isWord(string(w.word)) {
			if !utf8.Valid(w.word) {
				return opened{}, w.fail("the name %q is not UTF-8", w.text())
			}
			return opened{}, w.fail("%q, expected the name of a joint", w.text())
		}
		n.Name = string(w.word)
	}
	if !w.read() {
		return opened{}, w.end("{")
	}
	if string(w.word) != "{" {
		err := w.fail("%q behind the name %q, expected {", w.text(), n.Name)
		err.(*motion.FileError).Hint = "a name is one word: write _ for blanks"
		return opened{}, err
	}
	r.Nodes = append(r.Nodes, n)
	return opened{node: len(r.Nodes) - 1}, nil
}

func readOffset(w *words, n *Node, at *opened) (err error) {
	if at.offset {
		return w.fail("joint %q has a second OFFSET", n.Name)
	}
	at.offset = true
	for i := range n.Offset {
		if n.Offset[i], err = w.float(fmt.Sprintf("OFFSET of %q", n.Name)); err != nil {
			return err
		}
	}
	return nil
}

func readChannels(w *words, n *Node, at *opened) error {
	if at.channels {
		return w.fail("joint %q has second CHANNELS", n.Name)
	}
	if at.children {
		return w.fail("CHANNELS of %q behind its first child: whose numbers come first?", n.Name)
	}
	at.channels = true
	count, err := w.count(fmt.Sprintf("CHANNELS of %q", n.Name), mostChannels)
	if err != nil {
		return err
	}
	n.Channels = make([]Channel, 0, count)
	for k := range count {
		if !w.read() {
			return w.end("the name of a channel")
		}
		c, err := parseChannel(string(w.word))
		if err != nil {
			if isKey(w) {
				return w.fail("CHANNELS of %q: %d are promised, %d are there before %s", n.Name, count, k, w.text())
			}
			return w.fail("CHANNELS of %q: %v", n.Name, err)
		}
		n.Channels = append(n.Channels, c)
	}
	if reason := n.check(); reason != "" {
		return w.fail("joint %q: %s", n.Name, reason)
	}
	return nil
}

// isKey tells whether the last word may follow CHANNELS.
func isKey(w *words) bool {
	return w.is("JOINT") || w.is("End") || w.is("OFFSET") || string(w.word) == "}"
}

// parseChannel finds a channel by its name, whatever its capitals.
func parseChannel(name string) (Channel, error) {
	for c, known := range channelNames {
		if strings.EqualFold(name, known) {
			return Channel(c), nil
		}
	}
	if len(name) > longestWord/64 {
		name = name[:longestWord/64]
	}
	return 0, nearest.Unknown("channel", name, channelNames)
}

// heading reads words up to a colon, such as Frame Time:, and leaves what touches the
// colon to be read.
func (w *words) heading(keys ...string) error {
	whole := strings.Join(keys, " ") + ":"
	for i, key := range keys {
		if !w.read() {
			return w.end(whole)
		}
		word, rest, colon := strings.Cut(string(w.word), ":")
		last := i == len(keys)-1
		if !strings.EqualFold(word, key) || colon && !last {
			return w.fail("%q, expected %s", w.text(), whole)
		}
		if !last {
			continue
		}
		if !colon { // it stands by itself, or before the number
			if !w.read() {
				return w.end(whole)
			}
			var found bool
			if rest, found = strings.CutPrefix(string(w.word), ":"); !found {
				return w.fail("%q, expected %s", w.text(), whole)
			}
		}
		if rest != "" {
			w.word = append(w.word[:0], rest...)
			w.unread()
		}
	}
	return nil
}

// readMotion reads the numbers of the frames.
func readMotion(w *words, r *Recording) (err error) {
	if err := w.heading("Frames"); err != nil {
		return err
	}
	if r.Frames, err = w.count("Frames", mostFrames); err != nil {
		return err
	}
	claimed := w.line
	if err := w.heading("Frame", "Time"); err != nil {
		return err
	}
	if r.FrameTime, err = w.float("Frame Time"); err != nil {
		return err
	}
	if r.FrameTime < 0 {
		return w.fail("Frame Time: %g, expected seconds", r.FrameTime)
	}
	channels := int64(r.Channels())
	wanted := channels * int64(r.Frames)
	found := int64(0)
	for ; w.read(); found++ {
		if found >= wanted {
			continue // they are only counted
		}
		v, err := parseNumber(w.word)
		if err != nil {
			return w.fail("%s: %q %v", r.place(int(found)), w.text(), err)
		}
		r.Values = append(r.Values, v)
	}
	if w.err != io.EOF {
		return w.end("")
	}
	if channels == 0 && r.Frames > 0 {
		w.line = claimed
		return w.fail("Frames: %d, but no joint has channels", r.Frames)
	}
	if found != wanted {
		return miscounted(w, r, claimed, found)
	}
	return nil
}

// miscounted is the error of more or fewer numbers than frames and channels want.
func miscounted(w *words, r *Recording, claimed int, found int64) error {
	channels := int64(r.Channels())
	there := fmt.Sprintf("the file has %d", found)
	if channels > 0 {
		there += fmt.Sprintf(" (%d frames", found/channels)
		if rest := found % channels; rest != 0 {
			there += fmt.Sprintf(" and %d numbers", rest)
		}
		there += ")"
	}
	w.line = claimed
	err := w.fail("Frames: %d of %d channels want %d numbers, %s", r.Frames, channels, channels*int64(r.Frames), there)
	if found < channels*int64(r.Frames) {
		err.(*motion.FileError).Hint = "was it cut off?"
		err.(*motion.FileError).Err = io.ErrUnexpectedEOF
	}
	return err
}
