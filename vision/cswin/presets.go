package cswin

// The published models are those of table 1 of the paper for the 1000 classes of ImageNet, at 224 by 224 pixels, with the
// drop path that the official training commands give.

// T is CSWin-T: 22,320,552 parameters, 4.3 billion multiply-adds an image.
func T() Config {
	return Config{Classes: 1000, ImageHeight: 224, Width: 64, Layers: "1,2,21,1", Heads: "2,4,8,16", Stripes: "1,2,7,7", DropPath: 0.2}
}

// S is CSWin-S: 34,643,304 parameters, 6.9 billion multiply-adds.
func S() Config {
	c := T()
	c.Layers, c.DropPath = "2,4,32,2", 0.4
	return c
}

// B is CSWin-B: 77,382,184 parameters, 15.0 billion multiply-adds.
func B() Config {
	c := S()
	c.Width, c.Heads, c.DropPath = 96, "4,8,16,32", 0.5
	return c
}

// L is CSWin-L: 173,262,664 parameters, 33.1 billion multiply-adds (31.5 by the paper). Its drop path is that of fine-tuning
// after ImageNet-22K.
func L() Config {
	c := S()
	c.Width, c.Heads, c.DropPath = 144, "6,12,24,24", 0.2
	return c
}

// At384 returns the form for 384 by 384 pixels of one of the published models, which has stripes of 12 tokens from the third
// stage on, and as many parameters: weights of the one serve the other. B is fine-tuned with a DropPath of 0.7 there.
func At384(c Config) Config {
	c.ImageHeight, c.ImageWidth, c.Stripes = 384, 384, "1,2,12,12"
	return c
}

// Small28 is a model of two stages for 28 by 28 images of one channel, such as those of Fashion-MNIST: 7 by 7 tokens, then
// 4 by 4.
func Small28() Config {
	return Config{Classes: 10, Channels: 1, ImageHeight: 28, Width: 64, Layers: "2,4", Heads: "2,4", Stripes: "1,2", DropPath: 0.1}
}

// Small32 is the same for 32 by 32 images of three channels, such as those of CIFAR-10: 8 by 8 tokens, then 4 by 4.
func Small32() Config {
	c := Small28()
	c.Channels, c.ImageHeight = 3, 32
	return c
}

// Fine28 is a model of three stages for 28 by 28 images of one channel, with patches of 3 by 3 pixels two apart: 14 by 14
// tokens in stripes of one, then 7 by 7 and 4 by 4 that all see each other. Training takes some 1.6
// times as long as that of Small28.
//
// Its first weights are larger than those of wide models: what goes through a layer keeps its size only where their standard
// deviation is about one by the root of the width, and with 0.02 the blocks of so narrow a model say nothing for long.
func Fine28() Config {
	return Config{Classes: 10, Channels: 1, ImageHeight: 28, PatchKernel: 3, PatchStride: 2, Width: 48, Layers: "1,2,1", Heads: "2,4,8",
		Stripes: "1,7,4", InitStd: 0.12}
}

// Fine32 is the same for 32 by 32 images of three channels: 16 by 16 tokens, 8 by 8, then 4 by 4.
func Fine32() Config {
	c := Fine28()
	c.Channels, c.ImageHeight, c.Stripes = 3, 32, "1,8,4"
	return c
}
