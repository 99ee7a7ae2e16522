// Comparison that does not tell where two byte strings differ.

/// Whether both are equal. Takes time by the length only, so that a guessed MAC or commitment cannot be bettered byte by byte.
package func constantTimeEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    guard first.count == second.count else { return false }
    var difference: UInt8 = 0
    for index in first.indices { difference |= first[index] ^ second[index] }
    return difference == 0
}
