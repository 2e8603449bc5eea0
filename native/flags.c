/*
 * dist/flags.node, an addon of Node: what is left of a start is as if launcher.c had given V8 no
 * flag. V8 refuses code that was made with other flags than it runs with, also that of Node's own
 * modules, and compiles them anew then: 5 ms of `exec`, 10 ms of `run`.
 */

/* V8::SetFlagsFromString(const char *), of <v8-initialization.h>; C++ has no business here. */
__attribute__((weak)) void _ZN2v82V818SetFlagsFromStringEPKc(const char *flags);

void *napi_register_module_v1(void *env, void *exports);

/* Node calls this when the addon is loaded: Node-API's only entry that needs no header. */
void *napi_register_module_v1(void *env, void *exports)
{
	(void)env;
	if (_ZN2v82V818SetFlagsFromStringEPKc) /* A Node of a distribution may hide it. */
		_ZN2v82V818SetFlagsFromStringEPKc("--rehash-snapshot");
	return exports;
}
