import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Arrays in NumPy's format, version 1 and later: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. */
final class Npy {
	private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
	private static final int ALIGNMENT = 64;

	private Npy() {}

	/** Reads an array of n · d float32 as n rows. */
	static float[][] readRows(DataInputStream in, int n, int d) throws IOException {
		readHeader(in, "<f4");
		float[][] rows = new float[n][d];
		for (float[] row : rows) {
			read(in, d).asFloatBuffer().get(row);
		}
		return rows;
	}

	/** Reads an array of n int32. */
	static int[] readInts(DataInputStream in, int n) throws IOException {
		readHeader(in, "<i4");
		int[] values = new int[n];
		read(in, n).asIntBuffer().get(values);
		return values;
	}

	private static ByteBuffer read(DataInputStream in, int numbers) throws IOException {
		byte[] bytes = new byte[Math.multiplyExact(4, numbers)];
		in.readFully(bytes);
		return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
	}

	private static void readHeader(DataInputStream in, String type) throws IOException {
		byte[] start = in.readNBytes(MAGIC.length + 2);
		if (start.length < MAGIC.length + 2) {
			throw new EOFException();
		}
		int length = Short.toUnsignedInt(Short.reverseBytes(in.readShort()));
		if (start[MAGIC.length] > 1) {
			length += Short.toUnsignedInt(Short.reverseBytes(in.readShort())) << 16;
		}
		String header = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
		if (!header.contains("'" + type + "'") || !header.contains("'fortran_order': False")) {
			throw new IOException("not an array of " + type + ": " + header);
		}
	}

	/** Writes rows of int32, one after the other, as one array. */
	static void write(OutputStream out, int[]... rows) throws IOException {
		long n = 0;
		for (int[] row : rows) {
			n += row.length;
		}
		writeHeader(out, "<i4", n);
		for (int[] row : rows) {
			ByteBuffer bytes = buffer(row.length);
			bytes.asIntBuffer().put(row);
			out.write(bytes.array());
		}
	}

	/** Writes rows of float32, one after the other, as one array. */
	static void write(OutputStream out, float[]... rows) throws IOException {
		long n = 0;
		for (float[] row : rows) {
			n += row.length;
		}
		writeHeader(out, "<f4", n);
		for (float[] row : rows) {
			ByteBuffer bytes = buffer(row.length);
			bytes.asFloatBuffer().put(row);
			out.write(bytes.array());
		}
	}

	private static ByteBuffer buffer(int numbers) {
		return ByteBuffer.allocate(Math.multiplyExact(4, numbers)).order(ByteOrder.LITTLE_ENDIAN);
	}

	private static void writeHeader(OutputStream out, String type, long n) throws IOException {
		String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + n + ",), }";
		int before = MAGIC.length + 4;
		int length = (before + header.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - before;
		header += " ".repeat(length - header.length() - 1) + "\n";
		out.write(MAGIC);
		out.write(new byte[] {1, 0, (byte) length, (byte) (length >> 8)});
		out.write(header.getBytes(StandardCharsets.ISO_8859_1));
	}
}
