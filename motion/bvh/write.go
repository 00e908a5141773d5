package bvh

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"
)

// WriteFile writes a BVH file beside the path and then renames it.
func WriteFile(path string, r *Recording) error {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("motion: %s cannot be written: %w; choose a folder that exists and that you may write to", path, err)
	}
	defer f.Cleanup()
	if err := Write(f, r); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("motion: %s cannot be written: %w", path, err)
	}
	return nil
}

// Write writes a BVH file: one frame a line, tabs before joints, numbers as short as
// they can be. What is read back is the same recording to the last bit, but for the
// names of End Sites, which the format does not keep. A recording that no file can
// hold is a [*motion.FileError], before a byte is written.
func Write(out io.Writer, r *Recording) error {
	if err := r.Validate(); err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	w.WriteString("HIERARCHY\n")
	var open []int
	shut := func(until int) { // closes braces down to a node
		for len(open) > 0 && open[len(open)-1] != until {
			open = open[:len(open)-1]
			fmt.Fprintf(w, "%s}\n", strings.Repeat("\t", len(open)))
		}
	}
	for i := range r.Nodes {
		n := &r.Nodes[i]
		shut(n.Parent)
		indent := strings.Repeat("\t", len(open))
		switch {
		case n.End:
			fmt.Fprintf(w, "%sEnd Site\n", indent)
		case n.Parent < 0:
			fmt.Fprintf(w, "ROOT %s\n", n.Name)
		default:
			fmt.Fprintf(w, "%sJOINT %s\n", indent, n.Name)
		}
		fmt.Fprintf(w, "%s{\n%s\tOFFSET %s %s %s\n", indent, indent, number(n.Offset[0]), number(n.Offset[1]), number(n.Offset[2]))
		if !n.End {
			fmt.Fprintf(w, "%s\tCHANNELS %d", indent, len(n.Channels))
			for _, c := range n.Channels {
				fmt.Fprintf(w, " %v", c)
			}
			w.WriteByte('\n')
		}
		open = append(open, i)
	}
	shut(-1)
	fmt.Fprintf(w, "MOTION\nFrames: %d\nFrame Time: %s\n", r.Frames, number(r.FrameTime))
	channels := r.Channels()
	var text []byte
	for k, v := range r.Values {
		text = strconv.AppendFloat(text[:0], v, 'g', -1, 64)
		if (k+1)%channels == 0 {
			text = append(text, '\n')
		} else {
			text = append(text, ' ')
		}
		w.Write(text)
	}
	return w.Flush()
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
