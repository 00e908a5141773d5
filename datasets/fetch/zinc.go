package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/datasets/unpickle"
	"github.com/graft-ml/graft/internal/bounded"
)

// zincSplit is what is known of a split of ZINC-12k.
type zincSplit struct {
	name      string
	molecules int    // in the archive, of the full set
	graphs    int    // of the subset
	index     string // SHA-256 of the numbers in the list, joined by commas
	text      string // SHA-256 of the graphs as text with targets of eight digits; "" where it is not known
	nodes     int    // atoms of all graphs
	bonds     int    // bonds of all graphs, each counted once
}

var zincSplits = []zincSplit{
	{"train", 220_011, 10_000, "3a2948e8aad3e826150a277dc4f1994696345c4624c0a602a71a414233335b12", "", 231_664, 249_279},
	{"val", 24_445, 1_000, "b92fde583b05005d2a56f9ced1f3e11749bb4ef8c04f83f24a2a2da5c7853994",
		"f2568ed50aac7bcd8144a8f03c31d54c97aebd46fc362696df248b05e2ffc685", 23_083, 24_846},
	{"test", 5_000, 1_000, "228fddb35dbb01b0b2dec858088e8f672a8ba87b2af2e2b7c4bfad77d3438b05",
		"4493c27b04a55bbc4c5b1846aff2d5e724ec0bfa53eb8c8a1bb3875f4f252fb9", 23_117, 24_860},
}

// The vocabularies of the full set.
const (
	zincAtoms = 28
	zincBonds = 4
)

// zincArchive is the file with the pickles.
const zincArchive = "molecules.zip"

// convertZINC writes the subset as JSON Lines.
func convertZINC(c *converter) error { return zincSubset(c, zincSplits) }

func zincSubset(c *converter, splits []zincSplit) error {
	var indices [][]int
	for _, s := range splits {
		list, err := c.zincIndex(s)
		if err != nil {
			return err
		}
		indices = append(indices, list)
	}
	for k, s := range splits {
		molecules, err := c.zincPickle(s)
		if err != nil {
			return err
		}
		if err := c.zincText(s, indices[k], molecules); err != nil {
			return err
		}
	}
	return nil
}

// zincIndex reads the list of the molecules of a split.
func (c *converter) zincIndex(s zincSplit) ([]int, error) {
	name := s.name + ".index"
	text, err := c.read(name)
	if err != nil {
		return nil, err
	}
	list := strings.TrimSpace(string(text))
	if sum := sha256.Sum256([]byte(list)); hex.EncodeToString(sum[:]) != s.index {
		return nil, &ChecksumError{Item: c.w.item.Name, Path: c.w.path(name) + ", its numbers", Kind: "SHA-256", Want: s.index, Got: hex.EncodeToString(sum[:])}
	}
	var numbers []int
	for _, word := range strings.Split(list, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 0 || n >= s.molecules {
			return nil, c.bad(name, err, "%.20q is no number of a molecule, expected 0..%d", word, s.molecules-1)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) != s.graphs {
		return nil, c.bad(name, nil, "it lists %d molecules, expected %d", len(numbers), s.graphs)
	}
	return numbers, nil
}

// zincPickle reads the molecules of a split of the full set.
func (c *converter) zincPickle(s zincSplit) (unpickle.List, error) {
	member := "molecules/" + s.name + ".pickle"
	f, err := os.Open(c.w.path(zincArchive))
	if err != nil {
		return nil, diskError(c.w.path(zincArchive), err)
	}
	defer f.Close() // only read from
	info, err := f.Stat()
	if err != nil {
		return nil, diskError(c.w.path(zincArchive), err)
	}
	// Matrices of bonds are nearly all zeros, and pack better than most data.
	a := newArchive(c.ctx, c.w, File{Name: zincArchive, Unpack: Zip, Members: []Member{{Name: member}}, Limits: Limits{Bytes: 8 << 30, Members: 1000, Ratio: 1000}}, info.Size())
	entries, err := a.zipEntries(f, info.Size())
	if err != nil {
		return nil, err
	}
	if len(entries) != 1 {
		return nil, a.bad(member, nil, "the archive has no such member")
	}
	size := int64(entries[0].UncompressedSize64)
	read := int64(0)
	value, err := unpickle.Decode(c.ctx, func() (io.ReadCloser, error) {
		content, err := entries[0].Open()
		if err != nil {
			return nil, err
		}
		// It is read twice: once to see what it refers to, once for its values.
		r := &watched{Reader: bounded.New(content, size, errBomb), Closer: content, c: c, name: s.name + ".pickle", done: read, total: 2 * size}
		read = size
		return r, nil
	}, unpickle.Limits{Bytes: 8 << 30, String: 16 << 20})
	if err != nil {
		var wrong *unpickle.Error
		switch {
		case c.ctx.Err() != nil:
			return nil, c.ctx.Err()
		case errors.As(err, &wrong):
			return nil, c.bad(zincArchive, err, "%s: %v", member, err)
		}
		return nil, a.streamError(member, err)
	}
	molecules, ok := value.(unpickle.List)
	if !ok || len(molecules) != s.molecules {
		return nil, c.bad(zincArchive, nil, "%s: it has %d molecules, expected %d", member, len(molecules), s.molecules)
	}
	return molecules, nil
}

// zincText writes the molecules of a list.
func (c *converter) zincText(s zincSplit, list []int, molecules unpickle.List) error {
	out, err := c.create(s.name + ".jsonl.gz")
	if err != nil {
		return err
	}
	var line []byte
	rounded := sha256.New()
	nodes, bonds := 0, 0
	for _, i := range list {
		m, reason := readMolecule(molecules[i])
		if reason != "" {
			return c.bad(zincArchive, nil, "%s.pickle: molecule %d: %s", s.name, i, reason)
		}
		nodes, bonds = nodes+len(m.atoms), bonds+len(m.bonds)
		line = m.append(line[:0], i, 8)
		rounded.Write(line)
		line = m.append(line[:0], i, -1)
		if _, err := out.Write(line); err != nil {
			return diskError(c.w.path(out.name), err)
		}
	}
	if nodes != s.nodes || bonds != s.bonds {
		return c.bad(zincArchive, nil, "%s: the molecules of the subset have %d atoms and %d bonds, expected %d and %d", s.name, nodes, bonds, s.nodes, s.bonds)
	}
	if got := hex.EncodeToString(rounded.Sum(nil)); s.text != "" && got != s.text {
		return &ChecksumError{Item: c.w.item.Name, Path: c.w.path(out.name) + ", uncompressed, its targets of eight digits", Kind: "SHA-256", Want: s.text, Got: got}
	}
	return out.finish("")
}

// molecule is one of ZINC.
type molecule struct {
	atoms  []int64
	bonds  [][3]int64 // both ends and type, from the lower to the higher number
	target float32
}

// readMolecule reads num_atom, atom_type [atoms], bond_type [atoms, atoms] and
// logP_SA_cycle_normalized [1].
func readMolecule(value any) (*molecule, string) {
	d, ok := value.(unpickle.Dict)
	if !ok {
		return nil, "it is no dict"
	}
	array := func(key string) *unpickle.Array {
		v, _ := d.Get(key)
		a, ok := v.(*unpickle.Array)
		if !ok {
			return new(unpickle.Array)
		}
		return a
	}
	atoms, bonds, target := array("atom_type"), array("bond_type"), array("logP_SA_cycle_normalized")
	n := atoms.Len()
	count, _ := d.Get("num_atom")
	if stated, ok := count.(int); ok && stated != n || n == 0 || n > 1000 || !atoms.Whole() {
		return nil, "its atom_type is not a list of num_atom numbers"
	}
	if len(bonds.Shape) != 2 || bonds.Shape[0] != n || bonds.Shape[1] != n || !bonds.Whole() {
		return nil, "its bond_type is not a matrix of atoms and atoms"
	}
	if target.Len() != 1 {
		return nil, "its logP_SA_cycle_normalized is not one number"
	}
	m := &molecule{target: float32(target.Float(0))}
	if m.target-m.target != 0 {
		return nil, "its logP_SA_cycle_normalized is not finite"
	}
	for i := range n {
		t := atoms.Int(i)
		if t < 0 || t >= zincAtoms {
			return nil, "atom " + strconv.Itoa(i) + " has a type beyond the vocabulary of " + strconv.Itoa(zincAtoms)
		}
		m.atoms = append(m.atoms, t)
	}
	for i := range n {
		for j := range n {
			t := bonds.Int(i*n + j)
			if t < 0 || t >= zincBonds || t != bonds.Int(j*n+i) || i == j && t != 0 {
				return nil, "bond " + strconv.Itoa(i) + "-" + strconv.Itoa(j) + " is not of the types 0..3, the same both ways, or joins an atom to itself"
			}
			if i < j && t != 0 {
				m.bonds = append(m.bonds, [3]int64{int64(i), int64(j), t})
			}
		}
	}
	return m, ""
}

// append writes the molecule as package graphs reads it, its target with so many digits,
// -1 being as many as it takes.
func (m *molecule) append(b []byte, number, digits int) []byte {
	b = append(strconv.AppendInt(append(b, `{"i":`...), int64(number), 10), `,"x":[`...)
	for k, t := range m.atoms {
		if k > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, t, 10)
	}
	b = append(b, `],"e":[`...)
	for k, bond := range m.bonds {
		if k > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendInt(append(b, '['), bond[0], 10), ',')
		b = append(strconv.AppendInt(b, bond[1], 10), ',')
		b = append(strconv.AppendInt(b, bond[2], 10), ']')
	}
	b = strconv.AppendFloat(append(b, `],"y":`...), float64(m.target), 'g', digits, 32)
	return append(b, "}\n"...)
}
