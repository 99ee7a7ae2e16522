// Lets the envelope's readers work on stored objects.
import Envelope

extension BlobReader: ByteSource {}
