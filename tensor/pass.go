package tensor

// Pass returns how the pass was begun: a layer that changes with the steps of training, such as a weight that warms up,
// asks it for the step.
func (tp *Tape) Pass() Pass { return tp.pass }
