export { normalizeEmail } from './email.js';
export { User } from './user.entity.js';
export { UpdateUserDto, UserDto } from './users.dto.js';
export { UsersModule } from './users.module.js';
export { type NewUser, UsersService } from './users.service.js';
