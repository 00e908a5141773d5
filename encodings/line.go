package encodings

// places returns the place of every token on a line, [tokens]: in its sequence, those of passes before counted, or in
// the first order of a table. It refuses the other layouts on behalf of an encoding that knows lines only.
func (l *Layout) places(encoding string) ([]int32, error) {
	switch l.Kind {
	case Sequence:
		return l.counted(), nil
	case Table:
		return l.Orders[0], nil
	case Graph:
		return nil, l.Refuse(encoding, "it needs an order of the tokens, which nodes do not have: take an encoding of graphs, such as rwse, laplacian or shortest-path, or Layout.Flat")
	}
	return nil, l.Refuse(encoding, "it knows one coordinate: take an encoding of several, such as sinusoidal or axial-rope, or Layout.Flat, which lays the tokens out one after another")
}

// counted returns the places of the tokens of sequences.
func (l *Layout) counted() []int32 {
	places := make([]int32, l.Tokens())
	for t, x := range l.Coords {
		places[t] = int32(x)
	}
	return places
}

// onLine tells attention the places of tokens on a line that do not simply follow one another: those of a table, and of
// branches.
func (l *Layout) onLine(a *Attention) {
	if a.QueryIndex != nil || a.KeyIndex != nil {
		return
	}
	switch {
	case l.Kind == Table:
		a.QueryIndex, a.KeyIndex = l.Orders[0], l.Orders[0]
	case l.Kind == Sequence && l.Branches != nil:
		a.QueryIndex = l.counted()
		a.KeyIndex = a.QueryIndex
	}
}
