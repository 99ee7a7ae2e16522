// Hands a target that is chosen at run time to libFuzzer, which knows only one by name.
#include "CFuzzer.h"

int LLVMFuzzerRunDriver(int *argc, char ***argv, phr_fuzz_target target);

static phr_fuzz_target chosen;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) { return chosen(bytes, count); }

int phr_fuzz_run(int argc, char **argv, phr_fuzz_target target) {
    chosen = target;
    return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput);
}
