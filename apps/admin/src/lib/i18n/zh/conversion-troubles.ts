import type { Sentences } from '../sentences.ts'

/** What the converter says of a request or an answer that it does not carry; the place of the trouble stands before some. */
export const conversionTroubles: Sentences = [
  ['the recording was cut at {} MB and has no end', '录制在 {1} MB 处被截断，没有结尾'],
  ['/{}: {}', '/{1} 处：{2}'],
  ['the body: {}', '请求体：{1}'],
  ['{} is not valid JSON', '不是有效的 JSON：{1}'],
  ['{} in JSON at position {}', 'JSON 有误：{1}，位置 {2}'],
  ['Unexpected end of JSON input', 'JSON 不完整'],
  ['the body must be a JSON object', '请求体必须是 JSON 对象'],
  ['the body is nested too deeply', '请求体嵌套过深'],
  ['field required', '缺少此字段'],
  ['must be {}, not {}', '必须是 {1}，而不是 {2}'],
  ['must be one of {}', '必须是其中之一：{1}'],
  ['must be {}', '必须是 {1}'],
  ['is not a valid data URL', '不是有效的 data URL'],
  ['content is nested deeper than {} levels', '内容嵌套超过 {1} 层'],
  ['a schema is nested deeper than {} levels', 'schema 嵌套超过 {1} 层'],
  ['a namespace cannot hold another one', '命名空间不能包含另一个命名空间'],
  [
    'two tools have the same name (tool_name_collision); names must be unique',
    '两个工具同名（tool_name_collision）；名称必须唯一',
  ],
  ['more than {} free-text tools cannot travel as functions', '自由文本工具超过 {1} 个，无法作为函数传递'],
  [
    "the tool {} only works with its vendor's models (tool_unsupported)",
    '工具 {1} 只能用于其厂商的模型（tool_unsupported）',
  ],
  [
    'this upstream has no server tool like {} (tool_unsupported)',
    '此上游没有 {1} 这样的服务器工具（tool_unsupported）',
  ],
  ['the tool {} is forced but not declared (tool_unsupported)', '强制使用的工具 {1} 未声明（tool_unsupported）'],
  ['audio input is not supported by this upstream (audio_unsupported)', '此上游不支持音频输入（audio_unsupported）'],
  [
    'images of the type {} are not supported; send JPEG, PNG, GIF or WebP (media_type_unsupported)',
    '不支持 {1} 类型的图片；请发送 JPEG、PNG、GIF 或 WebP（media_type_unsupported）',
  ],
  [
    'documents of the type {} are not supported; send PDF or text (media_type_unsupported)',
    '不支持 {1} 类型的文档；请发送 PDF 或文本（media_type_unsupported）',
  ],
  [
    'the document is declared as text but its bytes are not UTF-8 (media_type_unsupported)',
    '文档声明为文本，但其字节不是 UTF-8（media_type_unsupported）',
  ],
  [
    'the file is stored with another vendor; send its contents instead (file_not_portable)',
    '文件存放在另一家厂商；请直接发送其内容（file_not_portable）',
  ],
  [
    'this summary of the conversation can only be read by the vendor that made it (state_not_portable)',
    '这份对话摘要只有生成它的厂商才能读取（state_not_portable）',
  ],
  [
    'earlier responses cannot be looked up here; send the whole conversation (state_unsupported)',
    '这里无法查找之前的响应；请发送完整的对话（state_unsupported）',
  ],
  [
    'prompts that are stored upstream cannot be looked up here; send the messages themselves',
    '这里无法查找存放在上游的提示；请直接发送消息',
  ],
  [
    'message threads are not supported by this upstream; send the whole conversation',
    '此上游不支持消息线程；请发送完整的对话',
  ],
  ['answers in the background are not supported', '不支持后台回答'],
  [
    'max_tokens 0 only warms a prompt cache, which this upstream cannot do; ask for at least 1 token (prewarm_unsupported)',
    'max_tokens 为 0 只用于预热提示缓存，此上游做不到；请至少请求 1 个 token（prewarm_unsupported）',
  ],
  [
    'n is {}, but this upstream gives one answer; send n: 1 or several requests (n_unsupported)',
    'n 为 {1}，但此上游只给一个回答；请发送 n: 1 或多个请求（n_unsupported）',
  ],
  [
    'this upstream gives one answer; send n: 1 or several requests (n_unsupported)',
    '此上游只给一个回答；请发送 n: 1 或多个请求（n_unsupported）',
  ],
  ['this upstream answers in text only', '此上游只以文本回答'],
  ['this upstream has no audio output', '此上游没有音频输出'],
  ['this upstream cannot ask for the approval of a call; send "never"', '此上游无法请求批准调用；请发送 "never"'],
  ['the answer of the upstream has no choices', '上游的回答没有 choices'],
  ['the answer of the upstream has an empty list of choices', '上游的回答中 choices 为空'],
  ['the answer of the upstream has no message', '上游的回答没有消息'],
  ['the upstream gave a response that is not finished', '上游给出的响应尚未完成'],
  ['the upstream gave a response without an output', '上游给出的响应没有 output'],
  ['the upstream’s answer is no message: it has no content list', '上游的回答不是消息：没有 content 列表'],
  ['the upstream failed without saying why', '上游出错，未说明原因'],
  ['the upstream cancelled the response', '上游取消了响应'],
  ['The upstream broke its answer off.', '上游中断了回答'],
  ['the answer of the upstream is nested too deeply', '上游的回答嵌套过深'],
  ['the answer is too large', '回答过大'],
  [
    'the upstream answered in {}, but its response format is set to {}; set it to auto, which recognises the answer',
    '上游以 {1} 回答，但其响应格式设为 {2}；请设为自动，即可识别回答',
  ],
]
