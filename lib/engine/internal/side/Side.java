import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Serves the Engine of the class in its argument to one client over the Unix socket "socket" in the working directory. The
 * messages are those of server.py; the reply to "memory" is {"memory": bytes used of the heap}. The process ends when the
 * connection is closed.
 */
final class Side {
	private static final int BUFFER = 1 << 20;

	private final Engine engine;
	private final DataInputStream in;
	private final OutputStream out;
	private final Map<Integer, Engine.Index> indexes = new HashMap<>();

	private Side(Engine engine, SocketChannel connection) {
		this.engine = engine;
		in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(connection), BUFFER));
		out = new BufferedOutputStream(Channels.newOutputStream(connection), BUFFER);
	}

	public static void main(String[] args) throws Exception {
		Engine engine = (Engine) Class.forName(args[0]).getDeclaredConstructor().newInstance();
		try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			listener.bind(UnixDomainSocketAddress.of("socket.new"));
			Files.move(Path.of("socket.new"), Path.of("socket"));
			try (SocketChannel connection = listener.accept()) {
				new Side(engine, connection).serve();
			}
		}
	}

	/** Calls task with 0 to n − 1 from a number of threads, or from the current one if n is 1. */
	static void each(int threads, int n, IntConsumer task) {
		if (n == 1) {
			task.accept(0);
			return;
		}
		ForkJoinPool pool = new ForkJoinPool(threads);
		try {
			pool.submit(() -> IntStream.range(0, n).parallel().forEach(task)).join();
		} finally {
			pool.shutdown();
		}
	}

	private void serve() throws IOException {
		for (JsonObject order = readOrder(); order != null; order = readOrder()) {
			int n = order.get("n").getAsInt();
			int m = order.get("ids").getAsInt();
			float[][] vectors = n > 0 ? Npy.readRows(in, n, order.get("d").getAsInt()) : null;
			int[] ids = m > 0 ? Npy.readInts(in, m) : null;
			answer(order, vectors, ids);
			out.flush();
		}
	}

	/** Reads a line; null at the end of the input. */
	private JsonObject readOrder() throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		for (int b = in.read(); b != '\n'; b = in.read()) {
			if (b < 0) {
				return null;
			}
			line.write(b);
		}
		return JsonParser.parseString(line.toString(StandardCharsets.UTF_8)).getAsJsonObject();
	}

	private void answer(JsonObject order, float[][] vectors, int[] ids) throws IOException {
		JsonObject head = new JsonObject();
		int[][] found = {};
		float[][] distances = {};
		try {
			Engine.Answers answers = call(order, vectors, ids, head);
			if (answers != null) {
				found = answers.ids();
				distances = answers.distances();
			}
		} catch (Exception | OutOfMemoryError | StackOverflowError e) {
			head.addProperty("error", e.toString());
		}
		head.addProperty("answers", found.length);
		out.write((head + "\n").getBytes(StandardCharsets.UTF_8));
		if (found.length > 0) {
			Npy.write(out, Arrays.stream(found).mapToInt(row -> row.length).toArray());
			Npy.write(out, found);
			Npy.write(out, distances);
		}
	}

	private Engine.Answers call(JsonObject order, float[][] vectors, int[] ids, JsonObject head) throws Exception {
		int number = order.get("index").getAsInt();
		String request = order.get("do").getAsString();
		JsonObject fields = order.get("fields").isJsonNull() ? new JsonObject() : order.getAsJsonObject("fields");
		switch (request) {
			case "build" -> {
				indexes.put(number, engine.build(fields, vectors, ids));
				return null;
			}
			case "memory" -> {
				System.gc();
				head.addProperty("memory", Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
				return null;
			}
			case "close" -> {
				try (Engine.Index closed = indexes.remove(number)) {
					return null;
				}
			}
			default -> {
				return indexes.get(number).call(request, fields, vectors, ids);
			}
		}
	}
}
