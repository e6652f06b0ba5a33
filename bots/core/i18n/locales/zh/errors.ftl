### 各种错误的说明。

## 机器人的错误

error-unknown_style_name =
    { $close ->
        [none] 没有名为“{ $name }”的风格。发送 /styles 查看全部风格。
       *[other] 没有名为“{ $name }”的风格。你是不是想找 { $close }？
    }
error-style_disabled = “{ $title }”已停用，请换一个风格。
error-style_gone = 这个风格已不存在，请换一个。
error-style_not_here = 本聊天不能使用“{ $title }”，请换一个风格。
error-bad_number = 风格后面的数字须在 0 到 100 之间，0 表示保持原图。
error-no_photo =
    { $what ->
        [video] 无法读取这种视频。请用 MP4、WebM、MOV 或 GIF 格式，或发一张照片。
        [voice] 不支持语音。请发一张照片。
        [file] 这个文件不是图片。支持 JPEG、PNG、WebP、GIF、AVIF 和 HEIC。
        [link] 无法打开链接。请先保存图片，再发给我。
        [words] 发一张照片给我，我会展示几种风格的效果。
        [other] 仅支持图片。请发一张照片。
        [story] 用哪些照片？请发 1 到 10 张照片并附上 /story，或用它回复一张照片。
       *[none] 没有找到照片。请发一张照片，或用 /style 回复一张照片。
    }
error-needs_input =
    { $what ->
        [mask] “{ $title }”还需要一张蒙版，这里无法接收。请使用画室或 stylebot 命令。
       *[other] “{ $title }”还需要另一张图片，这里无法接收。请使用画室或 stylebot 命令。
    }
error-no_style_picture = 用哪张图片？请在发图片时附上 /mystyle add 名称，或用它回复图片。
error-no_reference = 想用某张图片的风格，请用“this”回复那张图片。
error-album_too_large = 一次最多 { $limit } 张照片。
error-unsuitable_picture = 这张图片不能在这里显示。
error-clips_off = 这里不支持动图和视频。请发一张照片，或视频截图。
error-story_too_large = 一段短片只能有 1 到 { $limit } 张照片。
error-story_length = 短片长度须为 { $least } 到 { $most } 秒。
error-caption_too_long = 文字最多 { $limit } 个字符。
error-clip_too_large = 视频太大，最大 20 MB。
error-vector_sticker = 这个动态贴纸是矢量动画，无法处理。请发视频贴纸或静态贴纸。
error-blocked = 你已被禁止使用这个机器人。
error-bot_admins_only = 仅限机器人管理员操作。
error-opted_out = 图片的发送者不允许别人转换它。
error-bad_whom = 请写明用户或聊天：telegram:123、discord:456 或 chat discord:789。不能封禁机器人管理员。
error-unknown_limit = 没有这个限额。可用的限额：{ $names }。
error-out_of_range = 请给出 { $least } 到 { $most } 之间的数字。
error-bad_style_file = 不是有效的风格文件，或来自其他引擎且不含图片。
error-closed = 暂时不接收新照片。{ $words }
error-cancelled_by_admin = 管理员取消了你的请求。
error-admins_only = 在本聊天中，仅管理员可以这样做。
error-other_topic = 在本群中，我只在另一个话题里工作。
error-not_yours = 这是别人的结果。用 /style 回复那张照片，即可得到你自己的。
error-no_pictures_here = 我没有在这里发送图片的权限。请联系管理员，或私聊我发送 /history。
error-topic_closed = 话题已关闭。请私聊我发送 /history 查看图片。
error-other_chat = 这张照片来自其他聊天。如需在这里使用，请在这里重新发送。
error-too_many_waiting = 你已有 { $waiting } 张照片在排队，上限为 { $limit } 张。请等一些完成后再发。
error-too_fast = 每分钟最多 { $limit } 张照片，请 { $seconds } 秒后再试。
error-queue_full = 队列已满：有 { $waiting } 张照片在排队。请几分钟后再试。
error-too_many_own_styles = 你已有 { $limit } 个自定义风格，达到上限。请先删除一个。
error-own_styles_off = 本聊天不允许使用自定义风格。你可以在和我的私聊里使用。
error-style_name_taken = 已有名为“{ $name }”的风格，请换一个名称。
error-bad_style_name = 名称为 1 到 { $limit } 个字符，不能包含 + 或 :，不能是“this”，也不能以数字结尾。
error-entry_gone = 历史记录中已没有这一项。
error-source_gone = 原图已不存在，请重新发送。
error-page_gone = 页面已过期或不存在。发送 /admin 查看最新页面。
error-storage_unavailable = 暂时无法保存数据，你的请求未被接收。请几分钟后再试。
error-too_late = 已经完成。
error-gave_up = 这张照片多次处理失败，已停止重试。
error-result_too_large = 处理后的视频太大，无法在这里发送。请换一段更短或更小的。

## 引擎的错误

error-image_too_large = 图片太大：最大 20 MB、6400 万像素。
error-image_too_small = 图片太小：每边至少 32 像素，长宽比不能超过 20:1。
error-unsupported_image = 不支持这种格式。支持 JPEG、PNG、WebP、GIF、AVIF、HEIC、TIFF 和 BMP。
error-broken_image = 图片已损坏，无法读取。
error-mask_mismatch = 蒙版与照片的长宽比不同，请使用与照片形状一致的蒙版。
error-no_face = 图片中没有找到人脸。
error-several_faces = 图片中有多张脸，请选择最左的、最右的或所有的脸。
error-face_too_small = 人脸太小：宽度至少要有 48 像素。
error-face_turned = 脸转得太偏，请使用大致正对镜头的照片。
error-face_hidden = 看不到眼睛或嘴：被遮住了，或在画面之外。
error-clip_too_long = 视频太长，请发送短一点的。
error-unsupported_clip = 无法处理这段视频：它已加密、没有画面，或格式不受支持。
error-unknown_style = 没有这个风格，请换一个。
error-stale_style = 这个风格已过期且无法更新，请换一个。
error-missing_input = 缺少所需的图片或蒙版。
error-bad_caption = 文字超过四行，或含有无法显示的字符。
error-invalid_option = 无法使用这些设置。请换一个风格，或调整设置。
error-engine_unavailable = 暂时无法绘制，请稍后再试。
error-engine_busy = 当前请求太多，请稍后再试。
error-too_many_requests = 你有太多图片正在处理，请稍后再试。
error-training_failed = 优化失败，请再试一次。
error-cannot_refine = 这里不能优化风格。
error-unknown_analysis = 我不会分析照片中的这类内容。
error-analysis_not_installed = 这里不能分析照片。
error-bad_analysis_model = 暂时无法分析照片。
error-already_refining = 正在优化另一个风格，请几分钟后再试。
error-deadline_passed = 处理超时，请再试一次。
error-shutting_down = 绘制即将暂停，请稍后再试。
error-internal = 出错了，请再试一次。
