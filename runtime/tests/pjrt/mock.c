// A mock PJRT plugin, which counts the objects that it creates and destroys.
//
// Structs of the API are arrays of words, as in the client. A program takes any number of arguments and returns one
// tensor<2xf32>: twice its first argument. A program whose text contains `fail:STEP` fails at that step. -DMINOR=… and
// similar options make plugins that the client must reject.

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef MAJOR
#define MAJOR 0
#endif
#ifndef MINOR
#define MINOR 115
#endif
#ifndef FUNCTIONS
#define FUNCTIONS 138
#endif

typedef uintptr_t word;

// The kinds: errors, events, clients, executables, loaded executables, buffers, topologies, serialized programs.
enum kind { ERROR, EVENT, CLIENT, EXECUTABLE, LOADED, BUFFER, TOPOLOGY, SERIALIZED, KINDS };
static const char *const names[KINDS] = {"errors",  "events",     "clients",    "executables", "loaded executables",
                                         "buffers", "topologies", "serialized"};
static int64_t live[KINDS], made[KINDS];

struct thing {
  enum kind kind;
  char text[96];
  float elements[2];
};

static struct thing *make(enum kind kind, const char *text) {
  struct thing *thing = calloc(1, sizeof *thing);
  thing->kind = kind;
  snprintf(thing->text, sizeof thing->text, "%s", text);
  __atomic_add_fetch(&live[kind], 1, __ATOMIC_SEQ_CST);
  __atomic_add_fetch(&made[kind], 1, __ATOMIC_SEQ_CST);
  return thing;
}

// An object to be destroyed must be alive and of this kind.
static struct thing *expect(enum kind kind, word address) {
  struct thing *thing = (struct thing *)address;
  if (!thing || thing->kind != kind) {
    fprintf(stderr, "mock: a thing of another kind than %s\n", names[kind]);
    abort();
  }
  return thing;
}

static void take_back(enum kind kind, word address) {
  struct thing *thing = expect(kind, address);
  __atomic_sub_fetch(&live[kind], 1, __ATOMIC_SEQ_CST);
  thing->kind = KINDS;
  free(thing);
}

// Prints the number of live objects of each kind and returns their total.
int64_t mock_live(void) {
  int64_t sum = 0;
  for (int kind = 0; kind < KINDS; ++kind) {
    if (live[kind]) fprintf(stderr, "mock: %lld of %lld %s are alive\n", (long long)live[kind], (long long)made[kind], names[kind]);
    sum += live[kind];
  }
  return sum;
}
int64_t mock_made(int kind) { return made[kind]; }

static void *fails(const char *text, const char *step) {
  char wanted[64], message[96];
  snprintf(wanted, sizeof wanted, "fail:%s;", step);
  if (!strstr(text, wanted)) return NULL;
  snprintf(message, sizeof message, "the mock fails at %s", step);
  return make(ERROR, message);
}

#define FUNCTION(name) __attribute__((unused)) static void *name(word *w)
FUNCTION(error_destroy) { return take_back(ERROR, w[2]), NULL; }
FUNCTION(error_message) {
  struct thing *error = expect(ERROR, w[2]);
  w[3] = (word)error->text, w[4] = strlen(error->text);
  return NULL;
}
FUNCTION(error_code) {
  expect(ERROR, w[2]);
  // The upper half of the word is not part of the field.
  w[3] = 0xdeadbeef00000000 | 3;
  return NULL;
}
FUNCTION(initialize) {
  static int times;
  return w[0] < 16 || ++times > 1 ? make(ERROR, "initialized twice") : NULL;
}
FUNCTION(event_destroy) { return take_back(EVENT, w[2]), NULL; }
FUNCTION(event_await) {
  struct thing *event = expect(EVENT, w[2]);
  return *event->text ? make(ERROR, event->text) : NULL;
}
// The event of a step. If the text contains `fail:STEP;`, the step fails when the event is awaited.
static word event_of(const char *text, const char *step) {
  struct thing *error = fails(text, step);
  word event = (word)make(EVENT, error ? error->text : "");
  if (error) take_back(ERROR, (word)error);
  return event;
}

FUNCTION(client_create) {
  const char *how = getenv("MOCK_CLIENT");
  void *error = fails(how ? how : "", "client");
  if (!error) w[8] = (word)make(CLIENT, how ? how : "");
  return error;
}
FUNCTION(client_destroy) { return take_back(CLIENT, w[2]), NULL; }
FUNCTION(platform) {
  expect(CLIENT, w[2]);
  w[3] = (word) "mock", w[4] = 4;
  return NULL;
}
FUNCTION(devices) {
  static int device, *list[1] = {&device};
  w[3] = (word)list, w[4] = strstr(expect(CLIENT, w[2])->text, "none") ? 0 : 1;
  return NULL;
}

static void program_text(char *text, size_t size, word program) {
  const word *fields = (const word *)program;
  snprintf(text, size, "%.*s", (int)fields[3], (const char *)fields[2]);
}
FUNCTION(client_compile) {
  char text[96];
  expect(CLIENT, w[2]);
  program_text(text, sizeof text, w[3]);
  void *error = fails(text, "compile");
  if (!error) w[6] = (word)make(LOADED, text);
  return error;
}
FUNCTION(compile) {
  char text[96];
  expect(TOPOLOGY, w[2]);
  program_text(text, sizeof text, w[3]);
  void *error = fails(text, "compile");
  if (!error) w[7] = (word)make(EXECUTABLE, text);
  return error;
}
FUNCTION(loaded_destroy) { return take_back(LOADED, w[2]), NULL; }
FUNCTION(loaded_executable) {
  struct thing *loaded = expect(LOADED, w[2]);
  void *error = fails(loaded->text, "look");
  if (!error) w[3] = (word)make(EXECUTABLE, loaded->text);
  return error;
}
FUNCTION(executable_destroy) { return take_back(EXECUTABLE, w[2]), NULL; }
FUNCTION(outputs) {
  void *error = fails(expect(EXECUTABLE, w[2])->text, "count");
  w[3] = 1;
  return error;
}
FUNCTION(output_types) {
  static int32_t types[1] = {11}, wrong[1] = {6};
  const char *text = expect(EXECUTABLE, w[2])->text;
  w[3] = (word)(strstr(text, "wrong:types;") ? wrong : types), w[4] = 1;
  return fails(text, "types");
}
FUNCTION(output_dimensions) {
  static int64_t extents[1] = {2}, wrong[1] = {-2};
  static size_t ranks[1] = {1};
  w[3] = 1, w[4] = (word)(strstr(expect(EXECUTABLE, w[2])->text, "wrong:extents;") ? wrong : extents), w[5] = (word)ranks;
  return NULL;
}
FUNCTION(memory) {
  struct thing *executable = expect(EXECUTABLE, w[2]);
  for (int i = 0; i < 11; ++i) w[3 + i] = 10 + i;
  return fails(executable->text, "memory");
}
FUNCTION(cost) {
  static int64_t list[2] = {3, -4};
  static word values[5][7] = {{56, 0, (word) "flops", 5, 3, 0x40000000, 1}, {56, 0, (word) "steps", 5, 1, (word)-7, 1},
                              {56, 0, (word) "chip", 4, 0, (word) "mock", 4}, {56, 0, (word) "fast", 4, 4, 1, 1},
                              {56, 0, (word) "list", 4, 2, (word)list, 2}};
  struct thing *executable = expect(EXECUTABLE, w[2]);
  w[3] = 5, w[4] = (word)values;
  return fails(executable->text, "cost");
}
static void deleter(void *serialized) { take_back(SERIALIZED, (word)serialized); }
FUNCTION(serialize) {
  struct thing *executable = expect(EXECUTABLE, w[2]);
  void *error = fails(executable->text, "serialize");
  if (error) return error;
  struct thing *serialized = make(SERIALIZED, executable->text);
  w[3] = (word)serialized->text, w[4] = strlen(serialized->text), w[5] = (word)serialized, w[6] = (word)deleter;
  return NULL;
}
FUNCTION(execute) {
  struct thing *loaded = expect(LOADED, w[2]);
  const char *text = loaded->text;
  void *error = fails(text, "execute");
  if (error) return error;
  struct thing *first = w[6] ? expect(BUFFER, ((word **)w[4])[0][0]) : NULL;
  struct thing *result = make(BUFFER, text);
  for (int i = 0; first && i < 2; ++i) result->elements[i] = 2 * first->elements[i];
  ((word **)w[7])[0][0] = (word)result;
  ((word *)w[8])[0] = event_of(text, "complete");
  return NULL;
}

FUNCTION(upload) {
  expect(CLIENT, w[2]);
  if (w[4] != 11 || w[6] != 1 || ((int64_t *)w[5])[0] != 2) return make(ERROR, "the mock takes tensor<2xf32> only");
  struct thing *buffer = make(BUFFER, "");
  memcpy(buffer->elements, (void *)w[3], 8);
  // A transfer of an element -1 fails.
  w[13] = event_of(buffer->elements[0] == -1 ? "fail:upload;" : "", "upload");
  w[14] = (word)buffer;
  return NULL;
}
FUNCTION(buffer_destroy) { return take_back(BUFFER, w[2]), NULL; }
FUNCTION(buffer_type) {
  struct thing *buffer = expect(BUFFER, w[2]);
  w[3] = strstr(buffer->text, "wrong:buffer;") ? 12 : 11;
  return fails(buffer->text, "buffer");
}
FUNCTION(buffer_dimensions) {
  static int64_t extents[1] = {2};
  expect(BUFFER, w[2]);
  w[3] = (word)extents, w[4] = 1;
  return NULL;
}
FUNCTION(download) {
  struct thing *buffer = expect(BUFFER, w[2]);
  const word *layout = (const word *)w[3];
  void *error = fails(buffer->text, "download");
  if (error) return error;
  if (w[5] != 8 || layout[5] != 1 || ((int64_t *)layout[4])[0] != 0) return make(ERROR, "another size or layout");
  memcpy((void *)w[4], buffer->elements, 8);
  w[6] = event_of(buffer->text, "arrive");
  return NULL;
}

FUNCTION(topology_create) {
  char name[96];
  snprintf(name, sizeof name, "%.*s", (int)w[3], (const char *)w[2]);
  void *error = fails(name, "topology");
  if (!error) w[6] = (word)make(TOPOLOGY, name);
  return error;
}
FUNCTION(topology_destroy) { return take_back(TOPOLOGY, w[2]), NULL; }
FUNCTION(topology_platform) {
  struct thing *topology = expect(TOPOLOGY, w[2]);
  w[3] = (word) "mock", w[4] = 4;
  return fails(topology->text, "platform");
}

// The struct has these fields only if its size includes them.
static word table[5 + 138];

void *GetPjrtApi(void) {
  static const struct {
    int place;
    void *(*function)(word *);
  } functions[] = {
      {0, error_destroy},       {1, error_message},     {2, error_code},      {3, initialize},       {5, event_destroy},
      {8, event_await},         {10, client_create},    {11, client_destroy}, {12, platform},        {16, devices},
      {20, client_compile},     {22, upload},           {40, executable_destroy}, {44, outputs},     {46, cost},
      {49, serialize},          {50, loaded_destroy},   {51, loaded_executable}, {55, execute},      {58, buffer_destroy},
      {59, buffer_type},        {60, buffer_dimensions}, {70, download},      {82, topology_create}, {83, topology_destroy},
      {84, topology_platform},  {89, compile},          {90, output_types},   {91, output_dimensions},
#ifndef NO_MEMORY
      {96, memory},
#endif
  };
  table[0] = (5 + FUNCTIONS) * sizeof(word);
  table[2] = 3 * sizeof(word);
  table[4] = (word)(uint32_t)MAJOR | (word)MINOR << 32;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; ++i)
    table[5 + functions[i].place] = (word)functions[i].function;
  return table;
}
