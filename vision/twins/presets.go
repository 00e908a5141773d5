package twins

// The published models are those of Twins (Chu and others, NeurIPS 2021, table 2) for the 1000 classes of ImageNet, at 224 by
// 224 pixels; anchored, as here, they are the poly-Twins of the paper and have as many parameters.

// S is Twins-SVT-S: 24,060,776 parameters.
func S() Config {
	return Config{Classes: 1000, ImageHeight: 224, Widths: "64,128,256,512", Layers: "2,2,10,4", Heads: "2,4,8,16", DropPath: 0.2}
}

// B is Twins-SVT-B: 56,070,952 parameters. The official recipe of its anchored form has a drop path of 0.3.
func B() Config {
	return Config{Classes: 1000, ImageHeight: 224, Widths: "96,192,384,768", Layers: "2,2,18,2", Heads: "3,6,12,24", DropPath: 0.3}
}

// L is Twins-SVT-L: 99,271,400 parameters.
func L() Config {
	return Config{Classes: 1000, ImageHeight: 224, Widths: "128,256,512,1024", Layers: "2,2,18,2", Heads: "4,8,16,32", DropPath: 0.5}
}

// Small28 is a model of two stages for 28 by 28 images of one channel, such as those of Fashion-MNIST: 14 by 14 tokens, then
// 7 by 7. 534,922 parameters.
func Small28() Config {
	return Config{Classes: 10, Channels: 1, ImageHeight: 28, Patches: "2,2", Widths: "48,96", Layers: "2,4", Heads: "2,4", Windows: "7,7",
		Reductions: "2,1", DropPath: 0.1}
}

// Small32 is the same for 32 by 32 images of three channels, such as those of CIFAR-10: 16 by 16 tokens, then 8 by 8.
func Small32() Config {
	c := Small28()
	c.Channels, c.ImageHeight, c.Windows, c.Reductions = 3, 32, "8,8", "4,1"
	return c
}
